import type { Question, QuestionSubject, Reply, Said } from './question.js'

function reply({ device, effectiveVerdict, kernel }: QuestionSubject): Reply {
  if (device.role !== 'endpoint') return { answer: 'not-applicable', said: [{ message: 'bridge' }] }
  const good = effectiveVerdict === 'isolated' || effectiveVerdict === 'isolated-with-caveats'
  const noIommuMode: Said = { message: 'no-iommu-mode' }
  if (kernel.vfioType1.outcome === 'unknown' && kernel.iommufd.outcome === 'unknown')
    return { answer: 'unknown', said: [{ message: 'unknown' }, noIommuMode] }
  const type1 = kernel.vfioType1.outcome === 'accepts'
  const iommufd = kernel.iommufd.outcome === 'accepts'
  if (type1 || iommufd) {
    const interfaces = [...(type1 ? ['VFIO with type1'] : []), ...(iommufd ? ['iommufd'] : [])].join(' or ')
    const said: readonly Said[] = [
      { message: 'eventfd', details: { interfaces } },
      { message: good ? 'as-isolated' : 'trusted-only' },
      noIommuMode,
    ]
    return { answer: good ? 'yes' : 'trusted drivers only', said }
  }
  return { answer: 'no', said: [{ message: good ? 'obstacle' : 'nothing' }, noIommuMode] }
}

export const withoutHypervisor: Question = {
  id: 'without-hypervisor',
  question: 'What remains for a driver in user space, without a hypervisor?',
  messages: {
    bridge: 'Only endpoints are handed out; what stands here is none.',
    eventfd:
      '{interfaces}: the kernel takes each MSI and signals an eventfd; the driver never names an interrupt itself.',
    'as-isolated': 'The device is held by the same isolation as one in a guest.',
    'trusted-only':
      'But the device can raise the interrupts of others, so such a driver has to be trusted like the kernel.',
    obstacle: 'Nothing yet: the kernel does not hand the device out, although its interrupts are isolated.',
    nothing: 'Nothing that is safe: the kernel does not hand the device out, and its interrupts are not isolated.',
    unknown: 'What the kernel would answer is not known.',
    'no-iommu-mode':
      'The mode of VFIO without an IOMMU is no answer: it leaves the device all of memory and every doorbell, and marks the kernel as tainted for it.',
  },
  reply,
}
