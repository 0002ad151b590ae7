int PyInit_shapes(void) { return 0; }
