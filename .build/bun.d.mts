export function ownBun(): string;
export function canCompile(): boolean;
export function compile(options: { entry: string; outfile: string; platform?: string }): void;
export function writeMapsOf(options: { entry: string; folder: string }): void;
