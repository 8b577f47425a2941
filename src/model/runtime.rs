//! Process-wide settings that make the tensor library fast on a CPU. The one audited module with
//! `unsafe` code.
#![allow(unsafe_code)]

use std::str::FromStr;

/// MKL takes its AVX-512 kernels only on processors it believes are Intel's; it asks this function
/// when the executable exports one. On others that have the instructions, fp32 products run about
/// twice as fast with it.
///
/// # Safety
/// Takes nothing, touches nothing.
#[unsafe(no_mangle)]
pub extern "C" fn mkl_serv_intel_cpu_true() -> i32 {
    1
}

/// Sets the allocator and the tensor library up. Call once, before the first tensor is made.
///
/// glibc gives every large freed block back to the system and faults it in again at the next
/// forward pass; keeping the blocks about doubles the speed.
pub fn tune_process() {
    // Keeps the linker from dropping the exported symbol.
    std::hint::black_box(mkl_serv_intel_cpu_true as extern "C" fn() -> i32);
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const KEEP: i32 = 512 << 20;
        // SAFETY: mallopt only stores these integers; it is called before worker threads start.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, KEEP);
            libc::mallopt(libc::M_TRIM_THRESHOLD, KEEP);
            libc::mallopt(libc::M_TOP_PAD, 64 << 20);
        }
    }
    for (cache, kernels) in KERNEL_CACHES {
        if std::env::var_os(cache).is_none() {
            // SAFETY: no other thread runs yet that could read the environment.
            unsafe { std::env::set_var(cache, kernels) }
        }
    }
    // What this thread computes, loading, is not worth waking others that then wait busily.
    single_threaded_kernels();
}

/// How many compiled kernels are kept: by oneDNN for the process, by the tensor library for each
/// thread, which only finds them faster. Both look these variables up at their first kernel.
///
/// A kernel is compiled for one shape, and takes 100 to 300 kB. The heads ask for new shapes with
/// nearly every batch, so that keeping 1,024, as is done unless told otherwise, fills memory for
/// thousands of documents with kernels that are not used again. The encoder's shapes come back within
/// some ten batches.
const KERNEL_CACHES: [(&str, &str); 2] = [
    ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256"),
    ("LRU_CACHE_CAPACITY", "32"),
];

/// Gives the memory that was freed back to the system. [`tune_process`] lets the C library keep it, as
/// it should while texts are read; of what loading a model took, no reading comes near.
pub fn give_back_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: gives back only pages that hold nothing; may be called at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Ends the process with that code, without the tensor library's own clean-up: that joins its
/// threads, and once in some hundred times, on a busy machine, waits for ever for one that has gone.
pub fn leave(code: i32) -> ! {
    use std::io::Write;
    let _ = std::io::stdout().flush();
    let _ = std::io::stderr().flush();
    #[cfg(unix)]
    // SAFETY: ends the process; nothing that Rust would drop holds anything but memory by now.
    unsafe {
        libc::_exit(code)
    }
    #[cfg(not(unix))]
    std::process::exit(code)
}

/// Lets the calling thread run its tensor operations alone: parallelism is across batches.
pub fn single_threaded_kernels() {
    tch::set_num_threads(1);
}

/// Name of the threads of [`tried`].
pub const TRIAL_THREAD: &str = "trial";

/// Runs something of the model libraries that panics on what it did not foresee, on a thread of its
/// own. The program's panic hook keeps silent about threads called [`TRIAL_THREAD`].
///
/// # Errors
/// It panicked: the first line of what it said.
pub fn tried<T: Send>(run: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(TRIAL_THREAD.into());
        let started = thread.spawn_scoped(scope, run).map_err(|e| e.to_string())?;
        started.join().map_err(|panic| told_by(&*panic))
    })
}

/// The first line of what a panic said.
pub fn told_by(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    let first = text.and_then(|t| t.lines().next());
    first.unwrap_or("no reason given").to_string()
}

/// The number format of the forward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// bf16 where the processor multiplies it in hardware, else fp32.
    #[default]
    Auto,
    /// 32-bit floating point.
    Fp32,
    /// bfloat16.
    Bf16,
}

impl Precision {
    /// Whether to run in bf16 on this machine.
    pub fn is_bf16(self) -> bool {
        match self {
            Self::Fp32 => false,
            Self::Bf16 => true,
            Self::Auto => has_bf16_instructions(),
        }
    }

    /// The name used on the command line and in `run.json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Fp32 => "fp32",
            Self::Bf16 => "bf16",
        }
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Auto, Self::Fp32, Self::Bf16]
            .into_iter()
            .find(|p| p.as_str() == name)
            .ok_or_else(|| format!("no precision is called {name:?}: auto, fp32 or bf16"))
    }
}

#[cfg(target_os = "linux")]
fn has_bf16_instructions() -> bool {
    // std's feature detection has no name for this one yet.
    std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|cpu| {
        cpu.lines()
            .find(|line| line.starts_with("flags"))
            .is_some_and(|flags| {
                flags
                    .split(' ')
                    .any(|f| f == "avx512_bf16" || f == "amx_bf16")
            })
    })
}

#[cfg(not(target_os = "linux"))]
fn has_bf16_instructions() -> bool {
    false
}
