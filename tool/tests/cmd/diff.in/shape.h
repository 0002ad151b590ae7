struct point; struct box;
