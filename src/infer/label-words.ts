/** Labels as their words: `Kunden-Nr.` is `kunden nr`. */
const wordsOf = (label: string): string =>
  ` ${label
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replaceAll('#', ' no ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;

const contains = (label: string, words: RegExp): boolean => words.test(wordsOf(label));

const identifiers =
  / (?:id|ids|uuid|guid|no|nr|num|number|nummer|numero|número|code|key|ref|reference|voucher|beleg|sku|ean|gtin|isbn|vin|serial|folio|auftrag|invoice|rechnung)s? |(?:nummer|nr) $/u;
const digitTexts =
  / (?:zip|zipcode|postal|postcode|postleitzahl|plz|cp|phone|tel|telephone|telefon|mobile|fax|iban|bic|ean|gtin|isbn|barcode|account|konto|kontonummer|vat id|tax id|steuernummer|ssn) /u;
const dates =
  /(?:date|datum|day|tag|fecha|data|dato|jour|valuta|wertstellung)|(?: on| at| am| dt| from| until| von| bis) $/u;
const signedAmounts =
  /(?:profit|margin|balance|saldo|diff|delta|change|growth|variance|gain|loss|net flow|gewinn|verlust|ergebnis|abweichung|lat|lon|lng|temp|adjust|correction|deviation|z score| x | y | z )/u;
const rates = /(?:percent|prozent|rate|quote|ratio|share|anteil|discount|rabatt|price|preis| %)/u;

/** Labels of what tells rows apart: `Invoice #`, `Kundennr.`. */
export const isIdentifier = (label: string): boolean => contains(label, identifiers);

/** Labels of digits that are no number: postcodes, phones, accounts. */
export const isDigitText = (label: string): boolean => contains(label, digitTexts);

export const isDateLabel = (label: string): boolean => contains(label, dates);

/** Labels of amounts that may fall below zero, though none has so far. */
export const maybeNegative = (label: string): boolean => contains(label, signedAmounts);

/** Labels of what nobody adds up. */
export const isRate = (label: string): boolean => contains(label, rates);
