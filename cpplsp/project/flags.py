"""Compiler flags that change what code means, as libclang 18 accepts them: tables, and nothing else.

What is not in them does not reach libclang: it stops at an unknown ``-f`` or ``-m`` (an error in the unit), or at an
unknown CPU (no unit at all). Found by trying every option in libclang 18.1.1 on a target of each family;
``tests/project/test_flags.py`` tries them again.
"""


def words(text: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(text.split())


# Both -fNAME and -fno-NAME.
MEANING_BOTH = words("""
    access-control aligned-allocation aligned-new asm assume-sane-operator-new blocks borland-extensions
    builtin char8_t cxx-exceptions declspec delayed-template-parsing digraphs dollars-in-identifiers
    exceptions fast-math finite-math-only fixed-point gnu-keywords lax-vector-conversions math-errno
    ms-compatibility ms-extensions objc-arc openmp openmp-simd operator-names pascal-strings pic PIC pie
    PIE relaxed-template-template-args rtti short-enums short-wchar signed-char sized-deallocation
    threadsafe-statics trigraphs unsigned-char
""")

# Only in this form. (-fgnu89-inline is an error in C++, where gcc only warns.)
MEANING = words("""
    -fno-gnu89-inline -ffreestanding -fhosted -fexperimental-library -fsigned-bitfields
    -funsigned-bitfields -fpack-struct -fwritable-strings -fenable-matrix -fapple-kext
    -fheinous-gnu-extensions -undef -trigraphs -pthread
""")

# -fNAME=NUMBER.
MEANING_NUMBER = words("""
    -ftemplate-depth -fconstexpr-depth -fconstexpr-steps -fbracket-depth -fpack-struct
    -fms-compatibility-version -fmsc-version -fmax-type-align -fstrict-flex-arrays
""")

# Those of the sanitizers that __has_feature knows; the others change no text.
SANITIZERS = frozenset(("address", "thread", "memory", "undefined"))

# gcc's concepts and coroutines before C++20 came with flags of their own.
NEEDS_CXX20 = frozenset(("-fconcepts", "-fconcepts-ts", "-fcoroutines", "-fcoroutines-ts"))

# The first part of a target, as far as libclang 18 has the backend; and the family whose -m flags it takes.
FAMILIES = {
    **dict.fromkeys(("x86_64", "amd64", "i386", "i486", "i586", "i686"), "x86"),
    **dict.fromkeys(("aarch64", "aarch64_be", "arm64", "arm64e"), "aarch64"),
    **dict.fromkeys(("arm", "armeb", "thumb"), "arm"),
    **dict.fromkeys(("riscv32", "riscv64"), "riscv"),
    **dict.fromkeys(
        ("powerpc", "powerpc64", "powerpc64le", "powerpcle", "ppc", "ppc64", "ppc64le"), "powerpc"
    ),
    **dict.fromkeys(("mips", "mipsel", "mips64", "mips64el"), "mips"),
    **dict.fromkeys(("sparc", "sparc64", "sparcv9"), "sparc"),
    **dict.fromkeys(("wasm32", "wasm64"), "wasm"),
    "s390x": "s390x",
    "loongarch64": "loongarch",
    "avr": "avr",
    **{name: name for name in ("hexagon", "msp430", "m68k", "bpf", "arc", "csky", "ve", "lanai")},
}
# Those it has not, with the nearest in the sizes of types: all are 32 bits wide.
STAND_INS = dict.fromkeys(
    ("xtensa", "nios2", "microblaze", "microblazeel", "or1k", "rx", "sh", "tricore", "v850", "nds32le"),
    "riscv32-unknown-elf",
)

_X86_FEATURES = words("""
    3dnow 3dnowa 80387 adx aes amx-bf16 amx-complex amx-fp16 amx-int8 amx-tile avx avx10.1-256
    avx10.1-512 avx2 avx512bf16 avx512bitalg avx512bw avx512cd avx512dq avx512er avx512f avx512fp16
    avx512ifma avx512pf avx512vbmi avx512vbmi2 avx512vl avx512vnni avx512vp2intersect avx512vpopcntdq
    avxifma avxneconvert avxvnni avxvnniint16 avxvnniint8 bmi bmi2 cldemote clflushopt clwb clzero
    cmpccxadd crc32 cx16 enqcmd evex512 f16c fma fma4 fsgsbase fxsr gfni hreset invpcid kl lwp lzcnt mmx
    movbe movdir64b movdiri mwaitx pclmul pconfig pku popcnt prefetchi prefetchwt1 prfchw ptwrite raoint
    rdpid rdpru rdrnd rdseed rtm sahf serialize sgx sha sha512 shstk sm3 sm4 sse sse2 sse3 sse4 sse4.1
    sse4.2 sse4a ssse3 tbm tsxldtrk uintr usermsr vaes vpclmulqdq waitpkg wbnoinvd widekl x87 xop xsave
    xsavec xsaveopt xsaves
""")


def _both(names: frozenset[str]) -> frozenset[str]:
    return frozenset(f"-m{no}{name}" for name in names for no in ("", "no-"))


# Flags of a family as they stand.
MACHINE = {
    "x86": _both(_X86_FEATURES)
    | words("""
        -m16 -m32 -m64 -mx32 -mgeneral-regs-only -mlong-double-64 -mlong-double-80 -mlong-double-128
        -mms-bitfields -mno-ms-bitfields -msoft-float -municode -fcf-protection -fcf-protection=full
        -fcf-protection=branch -fcf-protection=return -fcf-protection=none
    """),
    "aarch64": words("-mbig-endian -mlittle-endian -mgeneral-regs-only -mcrc -mnocrc"),
    "arm": words("""
        -marm -mthumb -mno-thumb -mbig-endian -mlittle-endian -mhard-float -msoft-float -mcrc
        -mfloat-abi=soft -mfloat-abi=softfp -mfloat-abi=hard -mabi=aapcs -mabi=aapcs-linux
    """),
    "riscv": words("-mabi=lp64 -mabi=lp64f -mabi=lp64d -mabi=ilp32 -mabi=ilp32e -mabi=ilp32f -mabi=ilp32d"),
    "powerpc": words("""
        -m32 -m64 -maltivec -mno-altivec -mvsx -mno-vsx -mcrypto -mhtm -mspe -mhard-float -msoft-float
        -mfloat128 -mno-float128 -mlong-double-64 -mlong-double-128 -mpower8-vector -mno-power8-vector
        -mpower9-vector -mno-power9-vector -mbig-endian -mlittle-endian
    """),
    "mips": words("""
        -m32 -m64 -EL -EB -mips32 -mips32r2 -mips32r3 -mips32r5 -mips32r6 -mips64 -mips64r2 -mips64r6
        -mabi=32 -mabi=n32 -mabi=64 -mhard-float -msoft-float -mdsp -mdspr2 -mmsa -mno-msa -mfp32 -mfp64
        -mfpxx -mmicromips
    """),
    "sparc": frozenset(("-m32", "-m64")),
    "s390x": frozenset(("-m64",)),
    "wasm": words("-msimd128 -mrelaxed-simd -matomics -mbulk-memory -msign-ext"),
}

# -march=NAME (x86) and -mcpu=NAME (the others) of a family.
X86_CPUS = words("""
    alderlake amdfam10 arrowlake arrowlake-s athlon-fx athlon64 athlon64-sse3 atom barcelona bdver1
    bdver2 bdver3 bdver4 bonnell broadwell btver1 btver2 cannonlake cascadelake clearwaterforest
    cooperlake core-avx-i core-avx2 core2 corei7 corei7-avx emeraldrapids goldmont goldmont-plus
    gracemont grandridge graniterapids graniterapids-d haswell icelake-client icelake-server ivybridge
    k8 k8-sse3 knl knm lunarlake meteorlake nehalem nocona opteron opteron-sse3 pantherlake penryn
    raptorlake rocketlake sandybridge sapphirerapids sierraforest silvermont skx skylake skylake-avx512
    slm tigerlake tremont westmere x86-64 x86-64-v2 x86-64-v3 x86-64-v4 znver1 znver2 znver3 znver4
""")
# Newer than clang 18, or spelt otherwise by gcc.
X86_STAND_INS = {"znver5": "znver4", "znver6": "znver4", "core-i7": "corei7", "intel": "x86-64"}
X86_CPUS_32 = words("""
    athlon athlon-4 athlon-mp athlon-tbird athlon-xp c3 c3-2 geode i386 i486 i586 i686 k6 k6-2 k6-3
    lakemont pentium pentium-m pentium-mmx pentium2 pentium3 pentium3m pentium4 pentium4m pentiumpro
    prescott winchip-c6 winchip2 yonah
""")
CPUS = {
    "aarch64": words("""
        a64fx ampere1 ampere1a ampere1b apple-a10 apple-a11 apple-a12 apple-a13 apple-a14 apple-a15
        apple-a16 apple-a17 apple-a7 apple-a8 apple-a9 apple-m1 apple-m2 apple-m3 carmel cobalt-100
        cortex-a34 cortex-a35 cortex-a510 cortex-a520 cortex-a53 cortex-a55 cortex-a57 cortex-a65
        cortex-a65ae cortex-a710 cortex-a715 cortex-a72 cortex-a720 cortex-a73 cortex-a75 cortex-a76
        cortex-a76ae cortex-a77 cortex-a78 cortex-a78c cortex-r82 cortex-x1 cortex-x1c cortex-x2
        cortex-x3 cortex-x4 cyclone exynos-m3 exynos-m4 exynos-m5 falkor generic kryo neoverse-512tvb
        neoverse-e1 neoverse-n1 neoverse-n2 neoverse-v1 neoverse-v2 saphira thunderx thunderx2t99
        thunderx3t110 tsv110
    """),
    "arm": words("""
        arm1136j-s arm1136jf-s arm1176jz-s arm1176jzf-s arm7tdmi arm7tdmi-s arm920t arm926ej-s arm946e-s
        cortex-a12 cortex-a15 cortex-a17 cortex-a32 cortex-a35 cortex-a5 cortex-a53 cortex-a55
        cortex-a57 cortex-a7 cortex-a72 cortex-a73 cortex-a75 cortex-a76 cortex-a77 cortex-a78 cortex-a8
        cortex-a9 cortex-m0 cortex-m0plus cortex-m1 cortex-m23 cortex-m3 cortex-m33 cortex-m35p
        cortex-m4 cortex-m52 cortex-m55 cortex-m7 cortex-m85 cortex-r4 cortex-r4f cortex-r5 cortex-r52
        cortex-r7 cortex-r8 generic krait mpcore neoverse-n1 neoverse-n2 neoverse-v1 xscale
    """),
    "powerpc": words("""
        970 e500 e500mc e5500 g3 g4 g5 power7 power8 power9 power10 pwr7 pwr8 pwr9 pwr10 powerpc
        powerpc64 powerpc64le
    """),
    "s390x": words("z10 z13 z14 z15 z16 z196 zEC12 arch8 arch9 arch10 arch11 arch12 arch13 arch14"),
    "mips": words("mips32 mips32r2 mips32r3 mips32r5 mips32r6 mips64 mips64r2 mips64r6 octeon"),
    "loongarch": frozenset(("loongarch64", "la464")),
}

# -march=ARCHITECTURE+EXTENSION…: the parts that are known; an unknown extension is left out.
_ARM_V8 = [f"armv8{minor}-a" for minor in ("", *(f".{number}" for number in range(1, 10)))]
_ARM_V9 = [f"armv9{minor}-a" for minor in ("", ".1", ".2", ".3", ".4", ".5")]
ARCHITECTURES = {
    "aarch64": frozenset((*_ARM_V8, *_ARM_V9, "armv8-r")),
    "arm": frozenset(
        (
            *_ARM_V8,
            *_ARM_V9,
            *words("""
                armv4 armv4t armv5t armv5te armv5tej armv6 armv6-m armv6k armv6kz armv6t2 armv7 armv7-a
                armv7-m armv7-r armv7e-m armv7ve armv8-m.base armv8-m.main armv8-r armv8.1-m.main
            """),
        )
    ),
}
EXTENSIONS = {
    "aarch64": words("""
        aes bf16 crc crypto dotprod f32mm f64mm flagm fp fp16 fp16fml i8mm ls64 lse memtag mops pauth
        profile ras rcpc rdm rng sb sha2 sha3 simd sm4 sme ssbs sve sve2 sve2-aes sve2-bitperm sve2-sha3
        sve2-sm4 tme
    """),
    "arm": words("aes bf16 crc crypto dotprod dsp fp fp.dp fp16 i8mm mve mve.fp nodsp nofp ras sha2"),
}
ARM_FPUS = words("""
    crypto-neon-fp-armv8 fp-armv8 fpv4-sp-d16 fpv5-d16 fpv5-sp-d16 neon neon-fp-armv8 neon-fp16
    neon-vfpv3 neon-vfpv4 none vfp vfpv2 vfpv3 vfpv3-d16 vfpv3-fp16 vfpv3xd vfpv4 vfpv4-d16
""")
RISCV_EXTENSIONS = words("""
    zicsr zifencei zicntr zihpm zihintpause zba zbb zbc zbs zbkb zbkc zbkx zfh zfhmin zfinx zdinx zmmul
    zca zcb zicbom zicbop zicboz svinval svnapot svpbmt
""")
