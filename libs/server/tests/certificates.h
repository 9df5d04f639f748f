/* certificates.h - two certificates that sign themselves, and their keys, for tests only. */
#pragma once

#define CERTIFICATE_ONE                                                  \
    "-----BEGIN CERTIFICATE-----\n"                                      \
    "MIIBczCCARmgAwIBAgIUJHQHEUhACLS/AOVRkNTZFlJKqR4wCgYIKoZIzj0EAwIw\n" \
    "DjEMMAoGA1UEAwwDb25lMCAXDTI2MTEyMTE2NDkwMloYDzIxMjYxMDI4MTY0OTAy\n" \
    "WjAOMQwwCgYDVQQDDANvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASciuQ3\n" \
    "uqCm2kiU44gIrEp+mr7JKBNUiXSHHkyHjiWi1LsUma3XX9mwzESltqlNUjqyg1gy\n" \
    "/j+YhZR1pAh3VCiyo1MwUTAdBgNVHQ4EFgQUGyvdnS5U/Tce0G5Ko2/JRRTnLSYw\n" \
    "HwYDVR0jBBgwFoAUGyvdnS5U/Tce0G5Ko2/JRRTnLSYwDwYDVR0TAQH/BAUwAwEB\n" \
    "/zAKBggqhkjOPQQDAgNIADBFAiEAt/4dAQB5oxlhrTQC/6PooMgBayBUpEQ5zZJO\n" \
    "pTfTf6ACIBbrfZCjRyKKPXVIx8yYAIAKLqbPDDJFaR76pnATqyQY\n"             \
    "-----END CERTIFICATE-----\n"
#define KEY_ONE                                                          \
    "-----BEGIN PRIVATE KEY-----\n"                                      \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgy8lysIx+X8LC/+T/\n" \
    "iwTrM/JBx8ef3dUPEFEt+XXTnBKhRANCAASciuQ3uqCm2kiU44gIrEp+mr7JKBNU\n" \
    "iXSHHkyHjiWi1LsUma3XX9mwzESltqlNUjqyg1gy/j+YhZR1pAh3VCiy\n"         \
    "-----END PRIVATE KEY-----\n"
#define CERTIFICATE_TWO                                                  \
    "-----BEGIN CERTIFICATE-----\n"                                      \
    "MIIBczCCARmgAwIBAgIUW92Cy5xThJWJSvjPSa5ZN01ONtUwCgYIKoZIzj0EAwIw\n" \
    "DjEMMAoGA1UEAwwDdHdvMCAXDTI2MTEyMTE2NDkwMloYDzIxMjYxMDI4MTY0OTAy\n" \
    "WjAOMQwwCgYDVQQDDAN0d28wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATRPoAi\n" \
    "Ctv95K+LVKTz8t/8FJ5SyPV/t1Gxf750w6uNMhPA6O4G8MA5feFXxYdB3Te/WK/K\n" \
    "kzIRCT9bHLYoOUIXo1MwUTAdBgNVHQ4EFgQUHqIoCbZ5xYF6hieygUYVgfJJch4w\n" \
    "HwYDVR0jBBgwFoAUHqIoCbZ5xYF6hieygUYVgfJJch4wDwYDVR0TAQH/BAUwAwEB\n" \
    "/zAKBggqhkjOPQQDAgNIADBFAiBfd8Ys511wjLdEvc5paI0Qv5y4UmRtFknxkdaI\n" \
    "ejNSRwIhAOL57TZmg7L4NfciyjFiWtIzTzndUle0LDhiD3XJBfJw\n"             \
    "-----END CERTIFICATE-----\n"
#define KEY_TWO                                                          \
    "-----BEGIN PRIVATE KEY-----\n"                                      \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg95D7L0k7k5ggIcMo\n" \
    "7UWLkdHgrKKXCedt5ERCxNbZ3XWhRANCAATRPoAiCtv95K+LVKTz8t/8FJ5SyPV/\n" \
    "t1Gxf750w6uNMhPA6O4G8MA5feFXxYdB3Te/WK/KkzIRCT9bHLYoOUIX\n"         \
    "-----END PRIVATE KEY-----\n"
