/* As Cobertura's coverage-04.dtd has it, for CI systems that draw it: an auth layer is a class, its paths are lines and
 * branches of its file where gcovr's are not known. */
#include "harness/cli/coverage/coverage.h"

#include <libxml/xmlwriter.h>

static const char dtd[] = "http://cobertura.sourceforge.net/xml/coverage-04.dtd";

/* What XML cannot hold is shown as \xNN. */
static void put(xmlTextWriterPtr xml, const char *name, const char *value)
{
    char shown[4 * RIG_COVER_NAME_MAX + 64];
    struct rig_text text;
    rig_text_start(&text, shown, sizeof shown);
    rig_text_escape(&text, value);
    (void)xmlTextWriterWriteAttribute(xml, BAD_CAST name, BAD_CAST shown);
}

static void put_number(xmlTextWriterPtr xml, const char *name, unsigned long long number)
{
    (void)xmlTextWriterWriteFormatAttribute(xml, BAD_CAST name, "%llu", number);
}

static void put_rate(xmlTextWriterPtr xml, const char *name, unsigned part, unsigned whole)
{
    (void)xmlTextWriterWriteFormatAttribute(xml, BAD_CAST name, "%.4f", rig_percent(part, whole) / 100);
}

static void open_element(xmlTextWriterPtr xml, const char *name)
{
    (void)xmlTextWriterStartElement(xml, BAD_CAST name);
}

static void close_element(xmlTextWriterPtr xml)
{
    (void)xmlTextWriterEndElement(xml);
}

static void put_condition(xmlTextWriterPtr xml, unsigned number, unsigned taken, unsigned branches)
{
    put_number(xml, "number", number);
    put_number(xml, "hits", taken);
    put(xml, "branch", "true");
    (void)xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "condition-coverage", "%.0f%% (%u/%u)",
                                            rig_percent(taken, branches), taken, branches);
}

/* Line n is class n of credentials: two branches, without a body and with one. */
static void put_method(xmlTextWriterPtr xml, const struct rig_coverage *coverage, const struct rig_cover_layer *layer,
                       enum rig_cover_class class)
{
    unsigned seen = (unsigned)rig_coverage_saw(layer, class, false) + (unsigned)rig_coverage_saw(layer, class, true);
    if (!rig_coverage_wants(coverage, layer, class)) {
        return;
    }
    open_element(xml, "method");
    put(xml, "name", rig_cover_classes[class]);
    put(xml, "signature", class == RIG_COVER_VALID ? "let in" : "refused");
    put_rate(xml, "line-rate", seen > 0, 1);
    put_rate(xml, "branch-rate", seen, 2);
    put(xml, "complexity", "0");
    open_element(xml, "lines");
    open_element(xml, "line");
    put_condition(xml, (unsigned)class + 1, seen, 2);
    close_element(xml);
    close_element(xml);
    close_element(xml);
}

static void put_lines(xmlTextWriterPtr xml, const struct rig_lines *lines)
{
    for (size_t i = 0; lines && i < lines->count; i++) {
        const struct rig_uncovered *one = &lines->uncovered[i];
        open_element(xml, "line");
        if (one->branches > 0) {
            put_condition(xml, one->line, one->run ? one->taken : 0, one->branches);
        } else {
            put_number(xml, "number", one->line);
            put(xml, "hits", "0");
        }
        close_element(xml);
    }
}

static void put_layer(xmlTextWriterPtr xml, const struct rig_coverage *coverage, size_t number)
{
    const struct rig_cover_layer *layer = coverage->table.layers[number];
    const struct rig_lines *lines = coverage->lines ? &coverage->lines[number] : NULL;
    unsigned wanted = 0, seen = 0;
    rig_coverage_sum(coverage, layer, &wanted, &seen);
    open_element(xml, "class");
    put(xml, "name", layer->name);
    put(xml, "filename", layer->file_count ? layer->files[0] : layer->place);
    put_rate(xml, "line-rate", lines ? lines->run : seen, lines ? lines->lines : wanted);
    put_rate(xml, "branch-rate", lines ? lines->taken : seen, lines ? lines->branches : wanted);
    put(xml, "complexity", "0");
    open_element(xml, "methods");
    for (enum rig_cover_class class = RIG_COVER_NONE; class <= RIG_COVER_VALID; class ++) {
        put_method(xml, coverage, layer, class);
    }
    close_element(xml);
    open_element(xml, "lines");
    put_lines(xml, lines);
    close_element(xml);
    close_element(xml);
}

static void put_totals(xmlTextWriterPtr xml, const struct rig_coverage *coverage)
{
    put_rate(xml, "line-rate", coverage->seen, coverage->wanted);
    put_rate(xml, "branch-rate", coverage->seen, coverage->wanted);
}

static void put_all(xmlTextWriterPtr xml, const struct rig_coverage *coverage)
{
    (void)xmlTextWriterStartDocument(xml, "1.0", "UTF-8", NULL);
    (void)xmlTextWriterWriteDTD(xml, BAD_CAST "coverage", NULL, BAD_CAST dtd, NULL);
    open_element(xml, "coverage");
    put_totals(xml, coverage);
    put_number(xml, "lines-covered", coverage->seen);
    put_number(xml, "lines-valid", coverage->wanted);
    put_number(xml, "branches-covered", coverage->seen);
    put_number(xml, "branches-valid", coverage->wanted);
    put(xml, "complexity", "0");
    put(xml, "version", "stackrig");
    put(xml, "timestamp", "0"); /* the same runs give the same file */
    open_element(xml, "sources");
    (void)xmlTextWriterWriteElement(xml, BAD_CAST "source", BAD_CAST ".");
    close_element(xml);
    open_element(xml, "packages");
    open_element(xml, "package");
    put(xml, "name", "auth layers");
    put_totals(xml, coverage);
    put(xml, "complexity", "0");
    open_element(xml, "classes");
    for (size_t i = 0; i < coverage->table.count; i++) {
        if (coverage->table.layers[i]->auth && rig_coverage_shows(coverage, coverage->table.layers[i])) {
            put_layer(xml, coverage, i);
        }
    }
    (void)xmlTextWriterEndDocument(xml); /* closes them all */
}

bool rig_coverage_write_cobertura(const struct rig_coverage *coverage, FILE *out)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    if (xml) {
        (void)xmlTextWriterSetIndent(xml, 1);
        put_all(xml, coverage);
        xmlFreeTextWriter(xml);
    }
    bool written = xml && fwrite(xmlBufferContent(buffer), 1, (size_t)xmlBufferLength(buffer), out) ==
                              (size_t)xmlBufferLength(buffer);
    xmlBufferFree(buffer);
    return written;
}
