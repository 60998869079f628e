/** Texts that people and programs write where there is no value, as they are spelled. */
const placeholders = new Set(
  '- -- --- – — . .. ? n/a N/A n.a. N.A. #N/A NA na NULL null Null None none NONE NaN nan NAN (null) (blank) (leer) k.A. nil N.N. \\N tbd TBD'.split(
    ' ',
  ),
);

/** Those that mean nothing else in a column of words: `NA` may be Namibia, `None` an answer. */
const clearOfWords = new Set(['-', '--', '---', 'n/a', 'N/A', '#N/A', 'NULL', '(null)', '\\N']);

/** Whether a text stands for no value among numbers or dates. */
export const isPlaceholder = (text: string): boolean => placeholders.has(text);

/** Whether a text stands for no value among words. */
export const isClearPlaceholder = (text: string): boolean => clearOfWords.has(text);
