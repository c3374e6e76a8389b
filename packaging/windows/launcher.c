/* Starts the program in the folder of this executable: isolated Python, module "app".
 *
 * Praxisfunk.exe      the window (no console)
 * praxisfunk-cli.exe  the command line (-DCONSOLE)
 * python.exe          plain Python, for the build alone (-DCONSOLE -DPLAIN); never shipped
 */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#define ROOM 32768

typedef int (*Main)(int, wchar_t **);

static int fail(const wchar_t *what, DWORD error) {
  wchar_t text[ROOM + 64];
  _snwprintf(text, ROOM + 63, L"Praxisfunk: %ls (%lu)", what, error);
  text[ROOM + 63] = 0;
#ifdef CONSOLE
  fwprintf(stderr, L"%ls\n", text);
#else
  MessageBoxW(NULL, text, L"Praxisfunk", MB_ICONERROR);
#endif
  return 103;
}

static int run(int argc, wchar_t **argv) {
  static wchar_t path[ROOM];
  DWORD length = GetModuleFileNameW(NULL, path, ROOM - 32);
  wchar_t *slash = wcsrchr(path, L'\\');
  if (length == 0 || length >= ROOM - 32 || slash == NULL) return fail(L"its own folder is unknown", GetLastError());
  /* No DLL from the current folder or from PATH. */
  SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_USER_DIRS |
                           LOAD_LIBRARY_SEARCH_APPLICATION_DIR);
  wcscpy(slash + 1, L"python313.dll");
  HMODULE python = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (python == NULL) return fail(path, GetLastError());
  Main start = (Main)(void *)GetProcAddress(python, "Py_Main");
  if (start == NULL) return fail(path, GetLastError());
#ifdef PLAIN
  return start(argc, argv);
#else
  /* -B: Program Files is not written to. UTF-8: what is piped must not depend on the code page. */
  static wchar_t *fixed[] = {L"-I", L"-B", L"-X", L"utf8=1", L"-m", L"app"};
  const int count = sizeof fixed / sizeof *fixed;
  wchar_t **all = calloc(argc + count + 1, sizeof *all);
  if (all == NULL) return fail(L"out of memory", 0);
  all[0] = argv[0];
  for (int i = 0; i < count; i++) all[1 + i] = fixed[i];
  for (int i = 1; i < argc; i++) all[count + i] = argv[i];
  return start(argc + count, all);
#endif
}

#ifdef CONSOLE
int wmain(int argc, wchar_t **argv) { return run(argc, argv); }
#else
int WINAPI wWinMain(HINSTANCE self, HINSTANCE before, LPWSTR line, int show) {
  (void)self, (void)before, (void)line, (void)show;
  return run(__argc, __wargv);
}
#endif
