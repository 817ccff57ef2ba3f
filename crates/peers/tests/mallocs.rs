//! Mallocs of shared libraries, with those that every Linux machine has.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![cfg(test)]

use heaplab_core::{Config, Entry, Parameter, Request, Strategy, Visitor};
use heaplab_peers::{MallocError, Mallocs};

/// What can be done with a malloc in one go; libraries are loaded once in a process, so this is one test.
struct Use(u32);

impl Visitor for Use {
    fn visit<S: Strategy>(&mut self, Entry { name, capabilities }: Entry) {
        assert!(!capabilities.is_confined);
        for touch in [0, 1] {
            let config =
                Config::new().with_parameter(Parameter::TOUCH.name, touch).with_expected_blocks(10);
            let mut malloc = S::new(1 << 62, &config).unwrap();
            let mut handles = Vec::new();
            for size in 0..2_000 {
                let align = if size % 7 == 0 { 256 } else { 1 };
                let handle = malloc.allocate(Request::aligned(size, align), &mut ()).unwrap();
                assert!(malloc.block(handle).unwrap().offset.is_multiple_of(align), "{name}");
                handles.push(handle);
            }
            for (&handle, size) in handles.iter().zip((0..3_000).rev()) {
                malloc.resize(handle, Request::new(size), &mut ()).unwrap();
            }
            for handle in handles.into_iter().skip(500) {
                malloc.free(handle, &mut ()).unwrap();
            }
            // The others are freed with it.
            assert_eq!(malloc.usage().live_blocks, 500);
        }
        self.0 += 1;
    }
}

#[test]
fn what_is_a_malloc_is_used_and_what_is_none_is_refused() {
    let missing = Mallocs::load(&["./no-such-library.so"]).unwrap_err();
    assert!(matches!(&missing, MallocError::Load { .. }), "{missing}");
    assert!(missing.to_string().starts_with("./no-such-library.so: cannot be loaded: "));
    // It has no malloc, but the C library that it depends on has.
    let none = Mallocs::load(&["libm.so.6"]).unwrap_err();
    let text = "libm.so.6: has no function 'malloc' of its own, so it is no malloc";
    assert_eq!(none.to_string(), text);
    assert_eq!(Mallocs::load::<&str>(&[]).unwrap().names(), <[&str; 0]>::default());

    let mallocs = Mallocs::load(&["libc.so.6", "libc.so.6"]).unwrap();
    assert_eq!(mallocs.names(), ["libc", "libc-2"]);
    let registry = mallocs.registry();
    let mut used = Use(0);
    registry.visit_all(&mut used);
    assert!(registry.visit("libc-2", &mut used) && !registry.visit("libc-3", &mut used));
    assert_eq!(used.0, 3);
    assert_eq!(Mallocs::load(&["libc.so.6"]).unwrap_err(), MallocError::TwiceInOneProcess);
}
