# tests/mutants/table fits the sources: every mutant changes its file, is told from the others, and has its tests.
CHECK=1 exec tools/mutants.sh
