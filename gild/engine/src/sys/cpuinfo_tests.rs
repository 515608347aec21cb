//! Texts of each architecture, with the fields that its kernel's `show_cpuinfo` writes.

use super::*;

const X86: &str = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 23\nmodel\t\t: 49\n\
                   model name\t: AMD EPYC 7R32\nflags\t\t: fpu tsc hypervisor\n\n\
                   processor\t: 1\nmodel name\t: AMD EPYC 7R32\nflags\t\t: fpu tsc hypervisor\n\n";
const ARM_64: &str = "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd evtstrm aes atomics\n\
                      CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\n\
                      CPU part\t: 0xd0c\nCPU revision\t: 1\n\n";
const ARM_32: &str = "processor\t: 0\nmodel name\t: ARMv7 Processor rev 4 (v7l)\nBogoMIPS\t: 38.40\n\
                      Features\t: half thumb fastmult vfp edsp neon\nCPU implementer\t: 0x41\n\
                      CPU architecture: 7\nCPU variant\t: 0x0\nCPU part\t: 0xd03\n\
                      CPU revision\t: 4\n\nHardware\t: BCM2835\nRevision\t: a02082\n\
                      Model\t\t: Raspberry Pi 3 Model B Rev 1.2\n";
const RISC_V: &str = "processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imafdc_zicntr\nmmu\t\t: sv39\n\
                      uarch\t\t: sifive,u74-mc\nmvendorid\t: 0x489\nmarchid\t\t: 0x8000000000000007\n\
                      mimpid\t\t: 0x4210427\n\n";
const S390: &str = "vendor_id       : IBM/S390\n# processors    : 2\nbogomips per cpu: 3033.00\n\
                    max thread id   : 0\nfeatures\t: esan3 zarch stfle msa ldisp eimm dfp vx\n\
                    cache0          : level=1 type=Data scope=Private size=128K line_size=256\n\
                    processor 0: version = 00,  identification = 0B8D18,  machine = 3906\n\
                    processor 1: version = 00,  identification = 0B8D18,  machine = 3906\n\n\
                    cpu number      : 0\ncpu MHz dynamic : 5208\ncpu MHz static  : 5208\n\n";
const POWER: &str = "processor\t: 0\ncpu\t\t: POWER9 (architected), altivec supported\n\
                     clock\t\t: 2200.000000MHz\nrevision\t: 2.2 (pvr 004e 1202)\n\n\
                     timebase\t: 512000000\nplatform\t: pSeries\n\
                     model\t\t: IBM pSeries (emulated by qemu)\nmachine\t\t: CHRP IBM pSeries\n";
const LOONG: &str = "system type\t\t: generic-loongson-machine\n\nprocessor\t\t: 0\npackage\t\t\t: 0\n\
                     CPU Family\t\t: Loongson-64bit\nModel Name\t\t: Loongson-3A5000-HV\n\n";
const MIPS: &str = "system type\t\t: MIPS Malta\nmachine\t\t\t: Unknown\nprocessor\t\t: 0\n\
                    cpu model\t\t: MIPS 24Kc V0.0  FPU V0.0\nBogoMIPS\t\t: 1046.52\n\n";

#[test]
fn model_is_read_on_every_architecture() {
    for (text, wanted) in [
        (X86, "AMD EPYC 7R32"),
        (ARM_64, "implementer 0x41 part 0xd0c variant 0x3 revision 1"),
        (ARM_32, "implementer 0x41 part 0xd03 variant 0x0 revision 4"),
        (RISC_V, "sifive,u74-mc mvendorid 0x489 marchid 0x8000000000000007 mimpid 0x4210427"),
        (S390, "IBM/S390 machine 3906"),
        (POWER, "POWER9 (architected), altivec supported"),
        (LOONG, "Loongson-3A5000-HV"),
        (MIPS, "MIPS 24Kc V0.0  FPU V0.0"),
    ] {
        assert_eq!(model(text).as_deref(), Some(wanted));
    }
}

#[test]
fn each_model_of_unequal_cores_is_named_once() {
    let large = ARM_64.replace("0xd0c", "0xd0b").replace(": 0\n", ": 1\n");
    let text = format!("{ARM_64}{large}{ARM_64}");
    let wanted = "implementer 0x41 part 0xd0c variant 0x3 revision 1 + implementer 0x41 part 0xd0b \
                  variant 0x3 revision 1";
    assert_eq!(model(&text).as_deref(), Some(wanted));
}

/// What would be equal on different machines is no model.
#[test]
fn model_that_the_text_does_not_say_is_unknown() {
    let without = |text: &str, name: &str| {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with(name));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    };
    let bare_riscv = without(&without(RISC_V, "uarch"), "mimpid");
    for text in [
        String::new(),
        "garbage\n".into(),
        without(ARM_64, "CPU part"),
        bare_riscv,
        without(&without(S390, "processor 0"), "processor 1"),
        without(POWER, "cpu"),
        "processor\t: 0\nmodel name\t:\n".into(),
    ] {
        assert_eq!(model(&text), None, "{text}");
    }
}

#[test]
fn virtual_processor_is_known_where_the_architecture_flags_it() {
    assert_eq!(is_virtual(X86), Some(true));
    assert_eq!(is_virtual(&X86.replace(" hypervisor", "")), Some(false));
    for text in [ARM_64, ARM_32, RISC_V, S390, POWER, LOONG, MIPS, ""] {
        assert_eq!(is_virtual(text), None, "{text}");
    }
}
