/* Stands in for netsh.exe in the test: writes down the exact line that it was called with. */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

int wmain(void) {
  const wchar_t *line = GetCommandLineW();
  /* The first word is the program itself, in quotes if it has blanks. */
  if (*line == L'"') {
    line = wcschr(line + 1, L'"');
    line = line ? line + 1 : L"";
  } else {
    while (*line && *line != L' ') line++;
  }
  while (*line == L' ') line++;
  FILE *log = _wfopen(L"C:\\netsh.log", L"ab");
  if (!log) return 1;
  char text[8192];
  int length = WideCharToMultiByte(CP_UTF8, 0, line, -1, text, sizeof text, NULL, NULL);
  if (length > 1) fwrite(text, 1, length - 1, log);
  fputc('\n', log);
  fclose(log);
  return 0;
}
