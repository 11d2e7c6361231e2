import { handsOut } from '../../hands-out.js'
import type { Question, QuestionSubject, Reply, Said } from './question.js'

function reply({ device, kernel }: QuestionSubject): Reply {
  const { vfioType1, iommufd } = kernel
  if (device.role !== 'endpoint' || !(handsOut(vfioType1.outcome) || handsOut(iommufd.outcome)))
    return { answer: 'not-applicable', said: [{ message: 'not-accepted' }] }
  const isNoIommu = vfioType1.outcome === 'accepts-without-iommu'
  const group = isNoIommu ? 'noiommu-GROUP' : /^\d+$/.test(device.iommuGroup) ? device.iommuGroup : 'GROUP'
  const held = device.obstacles.some(({ code }) => code === 'group-not-viable' || code === 'bound-elsewhere')
  const said: readonly Said[] = [
    ...(held ? [{ message: 'held', details: { group } }] : []),
    { message: 'open', details: { group } },
    { message: isNoIommu ? 'raw-io' : 'namespace' },
    ...(isNoIommu ? [] : [{ message: 'memory' }]),
  ]
  return { answer: 'elsewhere', said }
}

/**
 * What refuses beside the gate. Sources: K: drivers/vfio/group.c (`vfio_group_ioctl_set_container`,
 * `vfio_group_fops_open`), drivers/vfio/vfio_iommu_type1.c (`vfio_lock_acct`), drivers/iommu/iommu.c
 * (`iommu_group_claim_dma_owner`), kernel/bpf/cgroup.c and security/device_cgroup.c (-EPERM), fs/namei.c (-EACCES).
 */
export const epermElsewhere: Question = {
  id: 'eperm-elsewhere',
  question: 'It is let through, and a program gets EPERM all the same: where from?',
  messages: {
    'not-accepted': 'It is not let through, so that the refusal is the one above.',
    held: 'From VFIO_GROUP_SET_CONTAINER or VFIO_DEVICE_BIND_IOMMUFD while a host driver still holds a member of group {group}: bind every member to vfio-pci first.',
    open: 'From open() of /dev/vfio/{group}, /dev/vfio/vfio, /dev/vfio/devices/* or /dev/iommu: EPERM is the device list of the control group or container (systemd DeviceAllow=, --device of Docker and Podman, cgroup_device_acl of libvirt), while "permission denied" is the owner and mode of the node, or a security module of the kernel.',
    namespace:
      'In a user namespace root has no power over the node: its owner, its mode and the device list have to allow the mapped user.',
    'raw-io':
      'No-IOMMU mode wants CAP_SYS_RAWIO of the host besides: a user namespace, or a service without that capability, gets EPERM from open().',
    memory:
      'From VFIO_IOMMU_MAP_DMA or IOMMU_IOAS_MAP: ENOMEM, which some programs report as a permission, is the limit of locked memory (ulimit -l, LimitMEMLOCK=, hard_limit of libvirt): all of the guest is locked.',
  },
  reply,
}
