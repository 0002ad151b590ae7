long level_of(long depth)
{
    return depth + 1;
}

unsigned level_color(unsigned index)
{
    return index;
}
