# make demo finds exactly what it expects.
exec tools/demo.sh
