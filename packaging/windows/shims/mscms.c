/* Wine 8's mscms.dll lacks functions that Qt imports for colour profiles. */
#include <windows.h>

#define ABSENT(name) __declspec(dllexport) void *WINAPI name(void) { return NULL; }

ABSENT(GetColorProfileFromHandle) ABSENT(CloseColorProfile) ABSENT(WcsCreateIccProfile) ABSENT(OpenColorProfileW)
