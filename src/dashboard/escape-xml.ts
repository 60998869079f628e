const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in XML and HTML, in content and in quoted attributes. */
export function escapeXml(text: string): string {
  return (
    text
      .replaceAll(/[&<>"']/gu, (character) => entities[character] ?? '')
      .toWellFormed()
      // What no XML document may hold, not even escaped: control characters and non-characters.
      .replaceAll(/[^\P{Cc}\t\n\r]|\p{Noncharacter_Code_Point}/gu, '\ufffd')
  );
}
