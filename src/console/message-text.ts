import type { Measured } from '../broadcasts/text.ts'
import type { Visit } from './console.ts'

/** What is wrong with a text that goes out by SMS, in words; undefined where nothing is. */
export function textFault({ reader: { say } }: Visit, size: Measured): string | undefined {
  if (size.wrong === 'empty') return say('text_empty')
  if (size.wrong === 'stranger') return say('text_stranger', { character: size.stranger })
  return size.wrong === 'long' ? say('text_long', { count: size.septets, parts: size.segments }) : undefined
}
