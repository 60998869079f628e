/** Who the company is and whom it deals with. Written by hand: names make data readable. */

export interface Country {
  readonly code: string;
  readonly name: string;
  /** Percent. */
  readonly vat: number;
}

export const countries = {
  DE: { code: 'DE', name: 'Deutschland', vat: 19 },
  AT: { code: 'AT', name: 'Österreich', vat: 20 },
  CH: { code: 'CH', name: 'Schweiz', vat: 8.1 },
  FR: { code: 'FR', name: 'France', vat: 20 },
  NL: { code: 'NL', name: 'Nederland', vat: 21 },
  BE: { code: 'BE', name: 'België', vat: 21 },
  DK: { code: 'DK', name: 'Danmark', vat: 25 },
  SE: { code: 'SE', name: 'Sverige', vat: 25 },
  PL: { code: 'PL', name: 'Polska', vat: 23 },
  CZ: { code: 'CZ', name: 'Česko', vat: 21 },
  ES: { code: 'ES', name: 'España', vat: 21 },
} as const satisfies Record<string, Country>;
export type CountryCode = keyof typeof countries;

export interface Client {
  readonly number: string;
  readonly name: string;
  readonly region: string;
  readonly country: CountryCode;
  /** How much it buys, relative to the others. */
  readonly weight: number;
}

const clientNames: readonly (readonly [region: string, country: CountryCode, names: string])[] = [
  [
    'Germany North',
    'DE',
    'Hansekontor Bau GmbH|Elbwerk Lüders KG|Küstenbau Petersen|Nordwind Montagen|Bremer Stahlhandel|Förde Technik Jürgensen|Lübecker Werkstätten|Wattenmeer Hausbau|Alsterholz Möbel|Harzer Dachbau|Heidekreis Metallbau|Ostsee Fenster Krüger',
  ],
  [
    'Germany South',
    'DE',
    'Müller Bau GmbH|Schwäbische Hausgeräte|Isartal Elektro Huber|Allgäuer Holzbau|Donau Sanitär Königer|Bodensee Yachtbau|Fränkische Werkzeuge|Weißenberger & Söhne|Alpenblick Hotels AG|Neckar Installationen|Grünwald Gärten|Schwarzwald Möbel|Münchner Malerbetriebe|Kocher Maschinenbau',
  ],
  [
    'Germany West',
    'DE',
    'Rheinland Facility AG|Ruhr Anlagenbau Özdemir|Kölner Bühnentechnik|Bergische Schlosserei|Eifel Solar Schäfer|Düsseldorfer Ladenbau|Moselgärten Weiß|Saar Rohrleitung|Westfalen Haustechnik|Aachener Präzision|Taunus Elektro Böhm|Lahn Baustoffe',
  ],
  [
    'Austria & Switzerland',
    'AT',
    'Wiener Zimmerei Höfer|Tiroler Seilbahnservice|Grazer Metallwerk|Salzkammer Bootsbau|Kärntner Holz Köstler|Vorarlberger Fassaden|Linzer Rohrbau Öllinger',
  ],
  [
    'Austria & Switzerland',
    'CH',
    'Zürcher Haustechnik AG|Berner Oberland Bergbau|Genève Rénovation SA|Basler Farbenwerk|Luzerner Schreinerei Bühler|Ticino Costruzioni SA',
  ],
  [
    'France',
    'FR',
    'Société Générale des Eaux|Atelier Ménard & Fils|Bâtiments Lefèvre|Café Olé Rénovations|Électricité du Rhône|Chantiers Navals d’Étel|Maison Françoise Déco|Loire Équipement|Menuiserie Côté Bois|Provence Piscines|Normandie Façades|Alsace Chauffage Schœffel',
  ],
  [
    'Benelux',
    'NL',
    'Van der Berg Bouw|Rotterdam Haven Techniek|Groningse Gevels|Ijssel Installaties|Amstel Interieur|De Vries Dakwerken|Zeeland Watersport',
  ],
  [
    'Benelux',
    'BE',
    'Bruxelles Bâtir SPRL|Gentse Metaalwerken|Ateliers Liégeois Crèvecœur|Antwerpen Scheepsbouw|Ardennes Bois Énergie',
  ],
  [
    'Nordics',
    'DK',
    'Ærø Bådværft|Københavns Byg A/S|Jysk Tømrerlaug|Sønderborg Maskinfabrik|Fyns Elteknik Sørensen',
  ],
  [
    'Nordics',
    'SE',
    'Ångström AB|Malmö Fönster AB|Göteborgs Plåtslageri|Västerås Värme|Småland Träindustri|Luleå Gruvservice',
  ],
  [
    'Central Europe',
    'PL',
    'Żabka Budowa Sp. z o.o.|Łódź Tekstil Maszyny|Kraków Okna Wójcik|Śląska Stal S.A.|Gdańsk Stocznia Serwis|Wrocław Instalacje|Poznań Meble Dąbrowski',
  ],
  [
    'Central Europe',
    'CZ',
    'Škoda Stavby s.r.o.|Pražské Střechy|Brněnská Dílna Novák|Žižkov Elektro|Plzeň Kovovýroba Dvořák',
  ],
  [
    'Iberia',
    'ES',
    'Construcciones Ibáñez S.L.|Talleres Núñez|Piscinas del Añil|Cerámicas Peñíscola|Instalaciones Muñoz|Astilleros Coruña|Reformas Gómez y Hijos|Energía Solar Cañada',
  ],
];

export const clients: readonly Client[] = clientNames
  .flatMap(([region, country, names]) =>
    names.split('|').map((name) => ({ region, country, name })),
  )
  .map((client, index) => ({
    ...client,
    number: `C-${1001 + index}`,
    // A few buy much, many a little; which is which follows no order of the list.
    weight: 1 / (1 + ((index * 37) % 107)) ** 0.5,
  }));

export interface Product {
  readonly number: string;
  readonly name: string;
  readonly category: string;
  /** List price in cents. */
  readonly price: number;
  /** What one usually buys of it at once. */
  readonly usual: number;
}

const productNames: readonly (readonly [category: string, products: string])[] = [
  [
    'Fasteners',
    'Wood screws 5×60, box of 500|2390|8;Anchor bolts M12, box of 50|4150|6;Drywall screws, box of 1000|1990|10;Hex bolts M8, box of 200|3140|6;Washers A2, box of 500|1280|8;Nail strips 34°, 2500 pcs|5490|5',
  ],
  [
    'Hand tools',
    'Hammer 500 g|1890|6;Screwdriver set, 12 pcs|4690|4;Spirit level 80 cm|3590|4;Adjustable wrench 10"|2840|5;Japanese saw Ryoba|3290|3;Chisel set, 6 pcs|5980|3;Tape measure 8 m|1190|12',
  ],
  [
    'Power tools',
    'Cordless drill 18 V|18900|2;Rotary hammer SDS-plus|24900|2;Angle grinder 125 mm|11900|3;Circular saw 190 mm|21900|2;Random orbit sander|13400|2;Site radio|9900|2',
  ],
  [
    'Electrical',
    'Cable NYM-J 3×1.5, 100 m|7490|4;Cable NYM-J 5×2.5, 100 m|16900|3;Distribution board, 24 modules|8650|2;LED panel 60×60|4290|8;Sockets, box of 10|3890|6;Work light 50 W|4590|4',
  ],
  [
    'Plumbing',
    'Copper pipe 15 mm, 5 m|3420|8;Press fittings 15 mm, 10 pcs|4780|6;Ball valve ¾"|1690|10;Siphon set|1390|8;Heat pump manifold|28900|1;PEX pipe 16 mm, 200 m|15800|2',
  ],
  [
    'Paint & sealing',
    'Interior white, 12.5 l|5290|6;Façade paint, 15 l|9890|4;Acrylic sealant, box of 20|4980|5;Silicone, box of 20|8790|4;Primer, 10 l|3890|5;Roller set|1590|6',
  ],
  [
    'Safety',
    'Safety shoes S3|7990|4;Helmet EN 397|1890|8;Gloves, 12 pairs|2390|10;Goggles, 10 pcs|4890|4;FFP2 masks, box of 50|2990|8;Fall arrest harness|13900|2',
  ],
  [
    'Site equipment',
    'Aluminium ladder 3×9|22900|1;Tarpaulin 6×8 m|4590|4;Wheelbarrow 100 l|8990|2;Cement mixer 140 l|32900|1;Scaffold trestle, pair|9890|2;Cable reel 50 m|7890|3',
  ],
];

export const products: readonly Product[] = productNames.flatMap(([category, list], group) =>
  list.split(';').map((text, index) => {
    const [name = '', price = '0', usual = '1'] = text.split('|');
    return {
      number: `A-${group + 1}${String(index + 1).padStart(2, '0')}`,
      name,
      category,
      price: Number(price),
      usual: Number(usual),
    };
  }),
);

export const categories: readonly string[] = productNames.map(([category]) => category);

export interface CostKind {
  readonly name: string;
  readonly suppliers: readonly [string, ...string[]];
  /** Usual net amount in cents. */
  readonly usual: number;
  readonly weight: number;
  /** Factor by month, January first. */
  readonly season: readonly number[];
}

const even = Array.from({ length: 12 }, () => 1);

export const costKinds: readonly [CostKind, ...CostKind[]] = [
  {
    name: 'Freight',
    suppliers: [
      'Nordwind Logistik GmbH',
      'Spedition Jäger & Söhne',
      'TransAlpin Cargo AG',
      'Küstenkurier Emden',
    ],
    usual: 52_000,
    weight: 26,
    season: [0.8, 0.85, 1, 1.1, 1.15, 1.1, 1, 0.9, 1.1, 1.15, 1.1, 0.85],
  },
  {
    name: 'Energy',
    suppliers: ['Stadtwerke Hannover', 'Grünstrom Weser eG', 'Gasnetz Niedersachsen'],
    usual: 74_000,
    weight: 8,
    season: [1.6, 1.5, 1.3, 1, 0.8, 0.65, 0.6, 0.6, 0.75, 1, 1.3, 1.55],
  },
  {
    name: 'Fuel',
    suppliers: ['Tankstelle Lührs', 'Avia Südring', 'Shell Flottenkarte'],
    usual: 11_800,
    weight: 22,
    season: even,
  },
  {
    name: 'Packaging',
    suppliers: ['Kartonwerk Böhme', 'Folien Schröder KG', 'Paletten Żak Sp. z o.o.'],
    usual: 31_000,
    weight: 14,
    season: [0.85, 0.9, 1, 1.05, 1.1, 1.05, 1, 0.9, 1.1, 1.15, 1.15, 0.9],
  },
  {
    name: 'Rent & facilities',
    suppliers: ['Immobilien Brüggemann', 'Gebäudereinigung Özkan', 'Winterdienst Förster'],
    usual: 96_000,
    weight: 6,
    season: even,
  },
  {
    name: 'IT & telephone',
    suppliers: ['Netzhaus Göttingen', 'Cloudwerk AG', 'Telefónica Business'],
    usual: 27_500,
    weight: 8,
    season: even,
  },
  {
    name: 'Maintenance',
    suppliers: ['Staplerservice Krüger', 'Tor & Tür Weiß', 'Fuhrpark Jørgensen'],
    usual: 43_000,
    weight: 9,
    season: even,
  },
  {
    name: 'Marketing',
    suppliers: ['Agentur Blaupause', 'Messebau Père & Fils', 'Druckerei Schön'],
    usual: 68_000,
    weight: 7,
    season: [1.3, 1.2, 1.1, 0.9, 0.9, 0.8, 0.7, 0.8, 1.3, 1.2, 0.9, 0.7],
  },
];

export const salesPeople: readonly [string, ...string[]] = [
  'Jana Böttcher',
  'Émile Laurent',
  'Søren Kjær',
  'Małgorzata Zielińska',
  'Tomáš Dvořák',
  'Lucía Peña',
  'Jörg Weiß',
  'Ayşe Yıldız',
  'Anneke de Wit',
  'Björn Åkesson',
  'Katharina Größl',
  'Mehmet Çelik',
];
