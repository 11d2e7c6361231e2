import { assert, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeText } from '../../../src/render/layout/escape.js'
import { RENDERERS } from '../../../src/render/registry.js'
import { device, finding, group, PLAIN, report } from './report-sample.js'

/** What no terminal may get: C0 but the line feed, DEL, C1, bidirectional controls, separators. */
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/
const HOSTILE = '\u001b]0;owned\u0007\u009b31m\u202egnp.exe\u2028\r\n!! forged\u0000'

test('characters are shown as what they are', () => {
  expect(escapeText('a\u001b[31m\u009b\u202e\u2028\n')).toBe('a\\x1b[31m\\x9b\\u{202e}\\u{2028}\\x0a')
  expect(escapeText('plain text, ü and 汉')).toBe('plain text, ü and 汉')
})

test('a name of a megabyte is cut', () => {
  expect(escapeText('x'.repeat(1_000_000)).length).toBeLessThan(500)
})

/** Every text field of the report that comes from a machine. */
function hostileReport(text: string) {
  const address = '0000:01:00.0'
  return report(
    [
      device(address, {
        driver: text,
        iommuGroup: text,
        vendorId: text,
        deviceId: text,
        classCode: text,
        verdict: 'isolated-with-caveats',
        findings: ['IR101'],
      }),
      device(text, { verdict: 'unknown', reason: 'unreadable', iommuGroup: text }),
    ],
    {
      source: { kind: 'bundle', name: text },
      platform: {
        architecture: text,
        firmware: 'acpi',
        kernelRelease: text,
        kernelReleaseObserved: `${text}2`,
        gateRule: 'per-device',
        gateRelease: text,
        virtualized: 'yes',
        machine: {
          vendor: text,
          product: text,
          firmwareVersion: text,
          firmwareDate: text,
          firmwareFingerprint: text,
        },
        interfaces: report([]).platform.interfaces,
      },
      groups: [group(text, [address, text], { verdict: 'not-isolated', viable: 'no', type: text })],
      findings: [
        finding('IR101', {
          effect: 'caveat',
          devices: [address],
          summary: text,
          subject: text,
          remedy: `${text} r`,
          cause: 'none',
          evidence: [{ source: text, locator: text, value: text }],
        }),
      ],
      unread: [
        { source: `/sys/firmware/acpi/tables/${text}`, area: 'acpi-tables', reason: 'permission', extent: 'whole' },
        { source: text, area: 'other-files', reason: 'malformed', extent: 'whole' },
      ],
    },
  )
}

describe.each(['human-probe', 'human-check', 'json'] as const)('%s', (name) => {
  test.each([false, true])('passes no control character on, all %s', (all) => {
    expect(RENDERERS[name](hostileReport(HOSTILE), { ...PLAIN, all })).not.toMatch(FORBIDDEN)
  })

  test('no text of the machine starts a line of its own', () => {
    expect(RENDERERS[name](hostileReport(HOSTILE), PLAIN)).not.toMatch(/^!! forged/m)
  })

  test('no text whatsoever passes a control character', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(RENDERERS[name](hostileReport(text), PLAIN)).not.toMatch(FORBIDDEN)
      }),
      { numRuns: 300 },
    )
  })
})

test('JSON keeps the value while it hides the character', () => {
  const parsed: unknown = JSON.parse(RENDERERS.json(hostileReport(HOSTILE), PLAIN))
  expect(parsed).toMatchObject({ source: { name: HOSTILE } })
})
