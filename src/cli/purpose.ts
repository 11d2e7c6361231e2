/** What the program is for, in one sentence: the head of help and manual. */
export const PURPOSE = 'Tells for every PCI device whether it can raise only its own interrupts.'
