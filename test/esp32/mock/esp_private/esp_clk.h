/** The measured period of the RTC's clock: microseconds, Q13.19. */
#ifndef MOCK_ESP_CLK
#define MOCK_ESP_CLK

#include <stdint.h>

uint32_t esp_clk_slowclk_cal_get(void);

#endif
