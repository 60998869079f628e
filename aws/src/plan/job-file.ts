/** The file of a source as mistakes name it. */
export const sourceFile = (name: string): string => `sources/${name}.ts`;

/** The file of a digest as mistakes name it. */
export const digestFile = (name: string): string => `digests/${name}.ts`;
