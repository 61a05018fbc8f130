/**
 * What only C can reach on the ESP32: the functions behind hosts/esp32/native-chip.ts, which has their promises.
 *
 * An XS native module in the sense of Moddable: `native("xs_holdfast_…")` in chip.ts names these functions. The same file
 * serves a board (Moddable 8.2.3, XS 17, ESP-IDF v6.0; v5.1.5 … v5.5 too) and the desktop engine of the tests (XS 13.3, over
 * mocks). There is no policy in it: no retry, no default, no state but the open watchdog.
 *
 * How an error is told. A wrong argument is a RangeError or TypeError, and what is no digest a SyntaxError, before any effect. A
 * refusal by ESP-IDF is an Error whose message is the name of the function that refused and its code: "psa_hash_update: -137",
 * "esp_task_wdt_add_user: 0x103". What the call had done until then is undone first. The codes are those of esp_err.h, of
 * psa/crypto_values.h and of mbedTLS.
 *
 * reset reason     esp_reset_reason(), since v5.0 in this form: 0 … 10, to 12 since v5.2, to 15 since v5.3. Cannot fail.
 *
 * running slot     esp_ota_get_running_partition(), since v5.0. From where the code runs, not from otadata. NULL as in its
 *                  documentation and a factory or test partition are `undefined`; a partition table without the running
 *                  address aborts within ESP-IDF.
 *
 * watchdog         esp_task_wdt_reconfigure, _add_user, _reset_user, _delete_user, since v5.0. Only with
 *                  CONFIG_ESP_TASK_WDT_INIT (stock Moddable has none): without it there is no task watchdog to join.
 *                    reconfigure  INVALID_ARG a core that the chip has not · INVALID_STATE not started · others from the timer
 *                                 under it, which then stands still: the configured timeout is set again. v5.1.0 always says OK.
 *                    add_user     NO_MEM · INVALID_STATE not started. The timeout is set back.
 *                    reset_user   INVALID_STATE · NOT_FOUND somebody has removed the user. The RTC watchdog stays unfed.
 *                    delete_user  the same two: then nobody waits for the user, and the watchdog is closed nevertheless.
 *                  wdt_hal_init, _config_stage, _enable, _disable, _feed, _write_protect_enable, _write_protect_disable of
 *                  hal/wdt_hal.h, since v4.x; in the component esp_hal_wdt since v6.0, in hal before. They cannot fail.
 *                  esp_clk_slowclk_cal_get() of esp_private/esp_clk.h, since v5.0: microseconds of a tick of the RTC's clock
 *                  with 19 binary places, as measured at start. 0, or so little that a timeout has no room, is refused.
 *
 * retained memory  RTC_NOINIT_ATTR of esp_attr.h, with CONFIG_SOC_RTC_FAST_MEM_SUPPORTED or _SLOW_; else 0 bytes. Cannot fail.
 *                  Another image may have it at another address: its user guards it with magic, version and CRC.
 *
 * digest           since v6.0 psa_crypto_init, psa_hash_setup, _update, _finish, _abort (PSA Crypto API 1.0); before it
 *                  mbedtls_sha256_init, _starts, _update, _finish, _free (mbedTLS 3). After any refusal the digest is released
 *                  and its handle refused. Abort's own status is not looked at: the memory is given back in any case.
 *
 * verify           psa_crypto_init, psa_import_key, psa_verify_hash, psa_destroy_key (PSA Crypto API 1.0), with the attributes
 *                  of mbedTLS 3.6: v5.1.5, v5.2.2, v5.3 and later; the hash by the digest's functions. Needs
 *                  CONFIG_MBEDTLS_ECDSA_C and _ECP_DP_SECP256R1_ENABLED, both y by default. A key or signature that is not
 *                  64 bytes, and r or s outside of 1 … n − 1, are `false` without a question to the library.
 *                    crypto_init  as the digest's; a second call does nothing.
 *                    import_key   INVALID_ARGUMENT no point of the curve · INSUFFICIENT_MEMORY no slot or no memory · others
 *                    verify_hash  INVALID_SIGNATURE is `false`, every other code a refusal. The key is destroyed before.
 *                    destroy_key  a refusal, and the signature counts as not verified.
 *
 * The two watchdogs. The RTC watchdog counts outside of both cores and cannot be held up by any of their software: it is the
 * hard backstop, a system reset, which leaves the RTC memory as it is. The task watchdog comes first where it can: its panic
 * says which task stood still, and writes a core dump. It is shared by all tasks, and Moddable's loop relies on its configured
 * timeout, so it is only ever made longer:
 *
 *                                               task watchdog            RTC watchdog, stage 0
 *   timeout ≥ CONFIG_ESP_TASK_WDT_TIMEOUT_S     the timeout, and panic   500 ms after it
 *   shorter, or no task watchdog                as configured            the timeout
 *
 * Since v5.5, and in the last releases of v5.1 … v5.4, the panic handler gives itself ten seconds on the RTC watchdog; before,
 * a core dump that takes longer than those 500 ms is cut off. Sleep stops both watchdogs.
 */
#ifndef HOLDFAST_CHIP
#define HOLDFAST_CHIP

#include "xsmc.h"

#define HOLDFAST_RETAINED_SIZE_BYTES 512

void xs_holdfast_resetReason(xsMachine *the);
void xs_holdfast_runningSlot(xsMachine *the);
void xs_holdfast_watchdogOpen(xsMachine *the);
void xs_holdfast_watchdogFeed(xsMachine *the);
void xs_holdfast_watchdogClose(xsMachine *the);
void xs_holdfast_retainedSize(xsMachine *the);
void xs_holdfast_retainedRead(xsMachine *the);
void xs_holdfast_retainedWrite(xsMachine *the);
void xs_holdfast_digestOpen(xsMachine *the);
void xs_holdfast_digestWrite(xsMachine *the);
void xs_holdfast_digestFinish(xsMachine *the);
void xs_holdfast_digestClose(xsMachine *the);
void xs_holdfast_verify(xsMachine *the);

#endif
