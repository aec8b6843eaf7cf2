/* As Cobertura's coverage-04.dtd has it, for CI systems that draw it: an auth layer is a class, with gcovr's lines one for
 * each of its files; else its paths stand for lines and branches. */
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

static void put_condition(xmlTextWriterPtr xml, unsigned taken, unsigned branches)
{
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
    put_number(xml, "number", (unsigned)class + 1);
    put_number(xml, "hits", seen);
    put_condition(xml, seen, 2);
    close_element(xml);
    close_element(xml);
    close_element(xml);
}

/* Lines and branches, or auth paths, which are both. */
struct sum {
    unsigned lines, run, branches, taken;
};

static struct sum sum_of_file(const struct rig_lines *lines, size_t file)
{
    struct sum sum = {0};
    for (size_t i = 0; i < lines->all_count; i++) {
        const struct rig_line *one = &lines->all[i];
        if (one->file == file) {
            sum.lines++;
            sum.run += one->hits > 0;
            sum.branches += one->branches;
            sum.taken += one->taken;
        }
    }
    return sum;
}

static struct sum sum_of_paths(const struct rig_coverage *coverage, const struct rig_cover_layer *layer)
{
    unsigned wanted = 0, seen = 0;
    rig_coverage_sum(coverage, layer, &wanted, &seen);
    return (struct sum){wanted, seen, wanted, seen};
}

static void put_rates(xmlTextWriterPtr xml, struct sum sum)
{
    put_rate(xml, "line-rate", sum.run, sum.lines);
    put_rate(xml, "branch-rate", sum.taken, sum.branches);
}

static void put_lines(xmlTextWriterPtr xml, const struct rig_lines *lines, size_t file)
{
    for (size_t i = 0; lines && i < lines->all_count; i++) {
        const struct rig_line *one = &lines->all[i];
        if (one->file != file) {
            continue;
        }
        open_element(xml, "line");
        put_number(xml, "number", one->line);
        put_number(xml, "hits", one->hits);
        if (one->branches > 0) {
            put_condition(xml, one->taken, one->branches);
        }
        close_element(xml);
    }
}

/* One file of a layer; the layer's paths stand in its first. */
static void put_class(xmlTextWriterPtr xml, const struct rig_coverage *coverage, size_t number, size_t file)
{
    const struct rig_cover_layer *layer = coverage->table.layers[number];
    const struct rig_lines *lines = coverage->lines ? &coverage->lines[number] : NULL;
    const char *own = layer->file_count ? layer->files[0] : layer->place;
    open_element(xml, "class");
    put(xml, "name", layer->name);
    put(xml, "filename", lines ? lines->files[file] : own);
    put_rates(xml, lines ? sum_of_file(lines, file) : sum_of_paths(coverage, layer));
    put(xml, "complexity", "0");
    open_element(xml, "methods");
    for (enum rig_cover_class class = RIG_COVER_NONE; file == 0 && class <= RIG_COVER_VALID; class ++) {
        put_method(xml, coverage, layer, class);
    }
    close_element(xml);
    open_element(xml, "lines");
    put_lines(xml, lines, file);
    close_element(xml);
    close_element(xml);
}

static bool is_put(const struct rig_coverage *coverage, size_t number)
{
    return coverage->table.layers[number]->auth && rig_coverage_shows(coverage, coverage->table.layers[number]);
}

/* Of what the classes say. */
static struct sum sum_of_all(const struct rig_coverage *coverage)
{
    struct sum sum = {coverage->wanted, coverage->seen, coverage->wanted, coverage->seen};
    if (coverage->lines) {
        sum = (struct sum){0};
    }
    for (size_t i = 0; coverage->lines && i < coverage->table.count; i++) {
        const struct rig_lines *lines = &coverage->lines[i];
        if (is_put(coverage, i)) {
            sum.lines += lines->lines;
            sum.run += lines->run;
            sum.branches += lines->branches;
            sum.taken += lines->taken;
        }
    }
    return sum;
}

static void put_all(xmlTextWriterPtr xml, const struct rig_coverage *coverage)
{
    const struct sum sum = sum_of_all(coverage);
    (void)xmlTextWriterStartDocument(xml, "1.0", "UTF-8", NULL);
    (void)xmlTextWriterWriteDTD(xml, BAD_CAST "coverage", NULL, BAD_CAST dtd, NULL);
    open_element(xml, "coverage");
    put_rates(xml, sum);
    put_number(xml, "lines-covered", sum.run);
    put_number(xml, "lines-valid", sum.lines);
    put_number(xml, "branches-covered", sum.taken);
    put_number(xml, "branches-valid", sum.branches);
    put(xml, "complexity", "0");
    put(xml, "version", "stackrig");
    put(xml, "timestamp", "0"); /* the same runs give the same file */
    open_element(xml, "sources");
    (void)xmlTextWriterWriteElement(xml, BAD_CAST "source", BAD_CAST ".");
    close_element(xml);
    open_element(xml, "packages");
    open_element(xml, "package");
    put(xml, "name", "auth layers");
    put_rates(xml, sum);
    put(xml, "complexity", "0");
    open_element(xml, "classes");
    for (size_t i = 0; i < coverage->table.count; i++) {
        size_t files =
            coverage->lines ? coverage->lines[i].file_count : 1; /* those of which no line is known are refused */
        for (size_t file = 0; is_put(coverage, i) && file < files; file++) {
            put_class(xml, coverage, i, file);
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
