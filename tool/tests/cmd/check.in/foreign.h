int nothing_of_this(void);
