/* Compiled twice: two libraries in which the function has the same place and another type. */
TYPE same_place(TYPE value)
{
    return value;
}
