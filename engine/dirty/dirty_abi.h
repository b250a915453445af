// What Linux 6.7 added to its interface and Debian 12's headers (6.1) lack. Inside the module only.
// Source: Documentation/admin-guide/mm/pagemap.rst and userfaultfd.rst of Linux 6.7; the numbers
// are the kernel's, which never change.
#ifndef DIRTY_ABI_H
#define DIRTY_ABI_H
#include <linux/types.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

#ifndef PAGEMAP_SCAN
#define PAGEMAP_SCAN          _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_WRITTEN       (1 << 1)
#define PM_SCAN_WP_MATCHING   (1 << 0)
#define PM_SCAN_CHECK_WPASYNC (1 << 1)

struct page_region {
    __u64 start;
    __u64 end;
    __u64 categories;
};

struct pm_scan_arg {
    __u64 size; // of this struct
    __u64 flags;
    __u64 start;
    __u64 end;
    __u64 walk_end; // where it stopped
    __u64 vec;      // page_region[vec_len]
    __u64 vec_len;
    __u64 max_pages;
    __u64 category_inverted;
    __u64 category_mask;
    __u64 category_anyof_mask;
    __u64 return_mask;
};
_Static_assert(sizeof(struct pm_scan_arg) == 96, "the kernel knows the struct by this size");
#endif

// /proc/self/pagemap, 64 bits a page; these are there for everybody since Linux 4.2.
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_SWAPPED (UINT64_C(1) << 62)
#define PAGEMAP_OF_FILE (UINT64_C(1) << 61)

#endif
