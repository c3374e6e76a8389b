/* Wine 8 has no bcryptprimitives.dll; Rust's standard library takes its random numbers from it. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE room, SIZE_T size) {
  while (size) {
    ULONG part = size > 0x10000 ? 0x10000 : (ULONG)size;
    if (!SystemFunction036(room, part)) return FALSE;
    room += part, size -= part;
  }
  return TRUE;
}
