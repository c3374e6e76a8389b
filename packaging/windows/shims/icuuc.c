/* Wine 8 has no icuuc.dll; Qt asks it for text converters and can do without. */
#include <stddef.h>

#define ABSENT(name) __declspec(dllexport) void *name(void) { return NULL; }

__declspec(dllexport) void *ucnv_open(const char *name, int *error) {
  (void)name;
  if (error) *error = 4; /* U_FILE_ACCESS_ERROR */
  return NULL;
}
ABSENT(ucnv_close) ABSENT(UCNV_FROM_U_CALLBACK_SUBSTITUTE) ABSENT(UCNV_TO_U_CALLBACK_SUBSTITUTE)
ABSENT(ucnv_reset) ABSENT(ucnv_getMaxCharSize) ABSENT(ucnv_getName) ABSENT(ucnv_getToUCallBack)
ABSENT(ucnv_getFromUCallBack) ABSENT(ucnv_setToUCallBack) ABSENT(ucnv_setFromUCallBack)
ABSENT(ucnv_cbToUWriteUChars) ABSENT(ucnv_toUnicode) ABSENT(ucnv_cbFromUWriteUChars)
ABSENT(ucnv_toUCountPending) ABSENT(ucnv_fromUCountPending) ABSENT(ucnv_getStandardName)
ABSENT(ucnv_getAvailableName) ABSENT(ucnv_countAvailable) ABSENT(ucnv_fromUnicode)
