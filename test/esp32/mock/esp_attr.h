/** Memory that no start clears is a section of its own here, so that the specs can see what lies in it. */
#ifndef MOCK_ESP_ATTR
#define MOCK_ESP_ATTR

#define RTC_NOINIT_ATTR __attribute__((section("rtc_noinit")))

#endif
