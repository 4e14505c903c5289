/** How what was measured is told. */
export type Note = (name: string, value: number) => void;
