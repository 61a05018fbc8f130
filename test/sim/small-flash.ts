/** A flash as small as the firmwares of the specs allow: a copy of it, and a look at it, take a fraction of those of 4 MB. */

/** Two slots of 256 KB. Partitions for data that these firmwares do not use are left out. */
export const SMALL_PARTITIONS_CSV = `# Name,  Type, SubType, Offset,  Size
nvs,     data, nvs,     0x9000,  0x6000
otadata, data, ota,     0xf000,  0x2000
ota_0,   app,  ota_0,   0x20000, 0x40000
ota_1,   app,  ota_1,   0x60000, 0x40000
journal, data, 0x40,    0xa0000, 0x4000
`;
export const SMALL_FLASH_SIZE_BYTES = 0xa4000;
