/** ESP-IDF's version, as sdkconfig.h chooses it. */
#ifndef MOCK_ESP_IDF_VERSION
#define MOCK_ESP_IDF_VERSION

#include "sdkconfig.h"

#define ESP_IDF_VERSION_VAL(major, minor, patch) ((major << 16) | (minor << 8) | (patch))
#define ESP_IDF_VERSION ESP_IDF_VERSION_VAL(MOCK_IDF_MAJOR, MOCK_IDF_MINOR, 0)

#endif
