/* Text into HTML. */
#ifndef STACKRIG_HTTP_HTML_H
#define STACKRIG_HTTP_HTML_H

#include <stackrig/base.h>

RIG_BEGIN_DECLS
/* The size of the text with & < > " ' as &amp; &lt; &gt; &quot; &#39;: for content and quoted attributes. Writes it only
 * if it fits out_size; out NULL with 0 measures; no final zero byte. SIZE_MAX: no memory could hold it. */
size_t rig_html_escape(const char *text, size_t size, char *out, size_t out_size);
RIG_END_DECLS

#endif
