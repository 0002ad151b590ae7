struct point {
	double x, y;
};

double point_length(const struct point *point)
{
	return point->x * point->x + point->y * point->y;
}
