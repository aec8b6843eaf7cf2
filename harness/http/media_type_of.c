/* Media types by file name extension: what web applications send and take. */
#include <string.h>

#include <stackrig/http/media_type.h>

#include "harness/http/chars.h"

#define EXTENSIONS_MAX 8
#define OOXML "application/vnd.openxmlformats-officedocument."
#define ODF "application/vnd.oasis.opendocument."

static const struct {
    const char *type;
    const char *extensions[EXTENSIONS_MAX];
} types[] = {
    /* text */
    {"text/html", {".html", ".htm"}},
    {"text/css", {".css"}},
    {"text/javascript", {".js", ".mjs"}},
    {"text/plain", {".txt", ".text", ".conf", ".log"}},
    {"text/csv", {".csv"}},
    {"text/tab-separated-values", {".tsv"}},
    {"text/markdown", {".md", ".markdown"}},
    {"text/calendar", {".ics", ".ifb"}},
    {"text/cache-manifest", {".appcache", ".manifest"}},
    {"text/vtt", {".vtt"}},
    {"text/x-vcard", {".vcf"}},
    {"text/uri-list", {".uri"}},
    {"text/srt", {".srt"}},
    {"text/sgml", {".sgml"}},
    {"text/richtext", {".rtx"}},
    {"text/troff", {".man", ".roff", ".tr"}},
    {"text/x-c", {".c", ".h", ".cc", ".cpp", ".cxx", ".hh"}},
    {"text/x-asm", {".asm", ".s"}},
    {"text/x-diff", {".diff", ".patch"}},
    {"text/x-java-source", {".java"}},
    {"text/x-script.python", {".py"}},
    {"text/x-script.ruby", {".rb", ".ru", ".rake", ".gemspec"}},
    {"text/x-script.perl", {".pl"}},
    {"text/x-fortran", {".f", ".f77", ".f90"}},
    {"text/yaml", {".yml", ".yaml"}},
    /* images */
    {"image/png", {".png"}},
    {"image/jpeg", {".jpg", ".jpeg"}},
    {"image/gif", {".gif"}},
    {"image/webp", {".webp"}},
    {"image/avif", {".avif"}},
    {"image/apng", {".apng"}},
    {"image/svg+xml", {".svg", ".svgz"}},
    {"image/bmp", {".bmp"}},
    {"image/tiff", {".tif", ".tiff"}},
    {"image/vnd.microsoft.icon", {".ico"}},
    {"image/heic", {".heic"}},
    {"image/heif", {".heif"}},
    {"image/jp2", {".jp2"}},
    {"image/vnd.djvu", {".djvu", ".djv"}},
    {"image/vnd.dxf", {".dxf"}},
    {"image/vnd.adobe.photoshop", {".psd"}},
    {"image/x-portable-pixmap", {".ppm"}},
    {"image/x-xbitmap", {".xbm"}},
    /* sound and moving images */
    {"audio/mpeg", {".mp3"}},
    {"audio/x-wav", {".wav"}},
    {"audio/ogg", {".oga", ".opus"}},
    {"audio/midi", {".mid", ".midi"}},
    {"audio/mp4a-latm", {".m4a"}},
    {"audio/x-aiff", {".aif", ".aiff"}},
    {"audio/x-ms-wma", {".wma"}},
    {"audio/x-mpegurl", {".m3u"}},
    {"audio/basic", {".au", ".snd"}},
    {"audio/webm", {".weba"}},
    {"video/mp4", {".mp4", ".mp4v", ".m4v"}},
    {"video/mpeg", {".mpeg", ".mpg"}},
    {"video/webm", {".webm"}},
    {"video/ogg", {".ogv"}},
    {"video/quicktime", {".mov", ".qt"}},
    {"video/x-msvideo", {".avi"}},
    {"video/mp2t", {".ts"}},
    {"video/x-flv", {".flv"}},
    {"video/x-ms-wmv", {".wmv"}},
    {"video/3gpp", {".3gp"}},
    {"video/3gpp2", {".3g2"}},
    /* fonts */
    {"font/woff", {".woff"}},
    {"font/woff2", {".woff2"}},
    {"font/otf", {".otf"}},
    {"font/ttf", {".ttf"}},
    {"application/vnd.ms-fontobject", {".eot"}},
    /* data */
    {"application/json", {".json"}},
    {"application/ld+json", {".jsonld"}},
    {"application/manifest+json", {".webmanifest"}},
    {"application/xml", {".xml", ".xsl"}},
    {"application/xhtml+xml", {".xhtml"}},
    {"application/xml-dtd", {".dtd"}},
    {"application/xslt+xml", {".xslt"}},
    {"application/mathml+xml", {".mathml", ".mml"}},
    {"application/atom+xml", {".atom"}},
    {"application/rss+xml", {".rss"}},
    {"application/rdf+xml", {".rdf"}},
    {"application/wasm", {".wasm"}},
    {"application/dash+xml", {".mpd"}},
    {"application/wsdl+xml", {".wsdl"}},
    {"application/x-mpegurl", {".m3u8"}},
    {"application/ogg", {".ogg", ".ogx"}},
    {"application/mbox", {".mbox"}},
    {"message/rfc822", {".eml", ".mime"}},
    {"application/x-sh", {".sh"}},
    {"application/x-csh", {".csh"}},
    {"application/x-tex", {".tex"}},
    {"application/x-latex", {".latex"}},
    {"application/x-dvi", {".dvi"}},
    {"application/x-bittorrent", {".torrent"}},
    {"application/pgp-encrypted", {".pgp"}},
    {"application/pgp-signature", {".asc", ".sig"}},
    {"application/x-x509-ca-cert", {".crt", ".der"}},
    {"application/x-pkcs12", {".p12"}},
    {"application/x-pem-file", {".pem"}},
    {"application/pkix-cert", {".cer"}},
    {"application/pkix-crl", {".crl"}},
    {"application/vnd.google-earth.kml+xml", {".kml"}},
    {"application/vnd.google-earth.kmz", {".kmz"}},
    /* documents */
    {"application/pdf", {".pdf"}},
    {"application/postscript", {".ps", ".ai", ".eps"}},
    {"application/rtf", {".rtf"}},
    {"application/epub+zip", {".epub"}},
    {"application/msword", {".doc", ".dot"}},
    {"application/vnd.ms-excel", {".xls", ".xlt"}},
    {"application/vnd.ms-powerpoint", {".ppt", ".pps", ".pot"}},
    {OOXML "wordprocessingml.document", {".docx"}},
    {OOXML "spreadsheetml.sheet", {".xlsx"}},
    {OOXML "presentationml.presentation", {".pptx"}},
    {ODF "text", {".odt"}},
    {ODF "spreadsheet", {".ods"}},
    {ODF "presentation", {".odp"}},
    {ODF "graphics", {".odg"}},
    /* archives and programs */
    {"application/zip", {".zip"}},
    {"application/x-gzip", {".gz", ".tgz"}},
    {"application/x-bzip", {".bz"}},
    {"application/x-bzip2", {".bz2"}},
    {"application/x-tar", {".tar"}},
    {"application/x-gtar", {".gtar"}},
    {"application/x-cpio", {".cpio"}},
    {"application/x-rar-compressed", {".rar"}},
    {"application/x-7z-compressed", {".7z"}},
    {"application/java-archive", {".jar", ".war", ".ear"}},
    {"application/x-debian-package", {".deb"}},
    {"application/x-redhat-package-manager", {".rpm"}},
    {"application/x-msdownload", {".exe", ".dll", ".com", ".bat"}},
    {"application/x-shockwave-flash", {".swf"}},
    {"application/octet-stream", {".bin", ".dmg", ".iso", ".class", ".so", ".a", ".gem", ".o"}},
};

const char *rig_media_type_of(const char *extension)
{
    size_t size = strlen(extension);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (size_t k = 0; k < EXTENSIONS_MAX && types[i].extensions[k]; k++) {
            if (rig_name_equal(extension, size, types[i].extensions[k], strlen(types[i].extensions[k]))) {
                return types[i].type;
            }
        }
    }
    return NULL;
}
