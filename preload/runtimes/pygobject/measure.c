/* A library for GObject-Introspection. Its .gir is made from right.gir, or from wrong.gir, which gives `delta` another type. */
long measure_move(long position, long delta)
{
    return position + delta;
}

double measure_scale(double length, float factor)
{
    return length * factor;
}
