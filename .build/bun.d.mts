export function canCompile(): boolean;
export function compile(options: { entry: string; outfile: string; platform?: string }): void;
export function writeMapOf(options: { entry: string; file: string }): void;
