/* Crashes inside of zlib, where its source is known. */
#include <zlib.h>

int main(int argc, char **argv)
{
	(void)argv;
	return (int)crc32(0, (const Bytef *)(unsigned long)argc, 100);
}
