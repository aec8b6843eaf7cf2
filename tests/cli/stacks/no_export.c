/* A shared object that is no stack. */
__attribute__((visibility("default"))) int not_a_stack(void);

int not_a_stack(void)
{
    return 1;
}
