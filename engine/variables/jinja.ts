export interface Habit {
  start: number;
  end: number;
  message: string;
  help?: string;
}
export function jinjaHabit(_text: string): Habit | undefined {
  return undefined;
}
