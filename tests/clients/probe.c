/* A program to wrap: it tells how it was started, and ends as it is told. */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void tell_arguments(char **argv)
{
	for (int i = 1; argv[i]; i++) {
		printf("argument ");
		for (const char *c = argv[i]; *c; c++)
			printf("%02x", (unsigned char)*c);
		printf("\n");
	}
}

static void tell_environment(void)
{
	size_t count = 0;

	while (environ[count])
		count++;
	qsort(environ, count, sizeof *environ, by_text);
	for (size_t i = 0; i < count; i++)
		printf("variable %s\n", environ[i]);
}

static void tell_descriptors(void)
{
	for (int i = 0; i < 64; i++) {
		struct stat found;
		if (fstat(i, &found) == 0)
			printf("descriptor %d of type %o\n", i, (unsigned)(found.st_mode & S_IFMT));
	}
}

static void tell_lines(const char *path, const char *beginning)
{
	char line[4096];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, beginning, strlen(beginning)) == 0)
			printf("%s", line);
	if (file)
		fclose(file);
}

static int copy(void)
{
	static char buffer[65536];
	size_t size;

	while ((size = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
		fwrite(buffer, 1, size, stdout);
		fwrite(buffer, 1, size / 2, stderr);
	}
	return 7;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char folder[4096];

	if (strcmp(what, "exit") == 0)
		return atoi(argv[2]);
	if (strcmp(what, "die") == 0)
		return raise(atoi(argv[2]));
	if (strcmp(what, "copy") == 0)
		return copy();
	if (strcmp(what, "wait") == 0) {
		printf("ready %d\n", getpid());
		fflush(stdout);
		for (;;)
			pause();
	}
	tell_arguments(argv);
	if (strcmp(what, "all") == 0) {
		tell_descriptors();
		tell_environment();
		tell_lines("/proc/self/status", "SigBlk");
		tell_lines("/proc/self/status", "SigIgn");
		printf("folder %s\n", getcwd(folder, sizeof folder) ? folder : "");
		tell_lines("/proc/self/status", "Umask");
		printf("children:");
		fflush(stdout);
		snprintf(folder, sizeof folder, "/proc/self/task/%d/children", getpid());
		tell_lines(folder, "");
		printf("\nleader %d %d\n", getpid() == getpgrp(), getpid() == getsid(0));
	}
	printf("terminal %d%d%d, in front %d\n", isatty(0), isatty(1), isatty(2),
	       isatty(0) && tcgetpgrp(0) == getpgrp());
	return 0;
}
