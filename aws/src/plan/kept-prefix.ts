/** Where the kept copies of deliveries lie; everything else in the bucket was put there by people. */
export const keptPrefix = 'landing/';
