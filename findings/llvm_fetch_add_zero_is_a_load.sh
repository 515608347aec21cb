#!/usr/bin/env bash
# Guess:     `fetch_add(0)` is a read-modify-write like any other: a locked instruction that takes
#            the cache line exclusively, so that it can stand for a contended writer in a benchmark.
# Behaviour: on x86-64 LLVM turns a read-modify-write that cannot change the value (add, sub, or,
#            xor with 0, and with -1), whatever its ordering, into a fence on the thread's own stack
#            and an ordinary load. The line stays shared, and the function even runs on a page
#            mapped read-only. With an unused result `or 0`, into which the optimiser rewrites the
#            others, does not touch the atomic at all. AArch64 keeps the instruction, and so does
#            x86-64 if the operand is not a constant.
# Version:   LLVM as shipped by llvmlite 0.50.0 (PyPI). The Rust and Clang compilers use the same
#            pass; GCC 12 keeps `lock xadd`.
# Source:    LLVM, X86ISelLowering.cpp, lowerIdempotentRMWIntoFencedLoad, and AtomicExpandPass.cpp,
#            isIdempotentRMW; the reason is given in TargetLowering.h at the declaration.
# Date:      2026-11-28
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || not_installable "the observation needs an x86-64 processor"
pip_install venv llvmlite==0.50.0

cat >"$work/idempotent.py" <<'PYTHON'
import ctypes, mmap, sys
import llvmlite
import llvmlite.binding as llvm

ordering, = sys.argv[2:] or ["seq_cst"]
RMW = f"%r = atomicrmw {{op}} ptr %p, i64 {{operand}} {ordering}"
TEMPLATE = f"""
define i64 @used(ptr %p) {{{{ {RMW}  ret i64 %r }}}}
define void @unused(ptr %p) {{{{ {RMW}  ret void }}}}
define i64 @opaque(ptr %p, i64 %n) {{{{ {RMW.replace("{operand}", "%n")}  ret i64 %r }}}}
"""
llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()
llvm.initialize_native_target()
llvm.initialize_native_asmprinter()

def compiled(triple, op, operand):
    text = f'target triple = "{triple}"' + TEMPLATE.format(op=op, operand=operand)
    module = llvm.parse_assembly(text)
    features = "+lse" if triple.startswith("aarch64") else ""
    machine = llvm.Target.from_triple(triple).create_target_machine(opt=2, features=features)
    return module, machine

def instructions(triple, op, operand, function):
    module, machine = compiled(triple, op, operand)
    body = machine.emit_assembly(module).split(f"\n{function}:")[1].split(".Lfunc_end")[0]
    lines = [line.split("//")[0].split("#")[0].split() for line in body.splitlines()]
    return "; ".join(" ".join(line) for line in lines if line and line[0][0] != ".")

def run_on_read_only_page(op, operand):
    module, machine = compiled(llvm.get_process_triple(), op, operand)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    prototype = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
    function = prototype(engine.get_function_address("used"))
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    page = libc.mmap(None, mmap.PAGESIZE, mmap.PROT_READ, flags, -1, 0)
    print("returned", function(page))

if sys.argv[1] == "version":
    print("llvmlite", llvmlite.__version__, "LLVM", ".".join(map(str, llvm.llvm_version_info)))
elif sys.argv[1] == "run":
    run_on_read_only_page("add", 0)
else:
    triple, op, operand, function = sys.argv[1].split(",")
    print(instructions(triple, op, operand, function))
PYTHON
idempotent() { "$work/venv/bin/python" "$work/idempotent.py" "$@"; }
x86=x86_64-unknown-linux-gnu
idempotent version

# The kind of access to the shared address (%rdi) among the instructions $1.
access() {
    case $(tr ';' '\n' <<<"$1" | grep '(%rdi)') in
        *lock*) echo "locked" ;;
        '') echo "none" ;;
        *) echo "load" ;;
    esac
}

for ordering in monotonic release seq_cst; do
    for operation in add,0 sub,0 or,0 xor,0 and,-1; do
        code=$(idempotent "$x86,$operation,used" "$ordering")
        observed "x86-64 $operation $ordering" load "$(access "$code")"
    done
done
printf 'its instructions: %s\n' "$code"
code=$(idempotent "$x86,or,0,unused")
observed "x86-64 or,0 result unused" none "$(access "$code")"
code=$(idempotent "$x86,add,1,used")
observed "x86-64 add,1" locked "$(access "$code")"
code=$(idempotent "$x86,add,0,opaque")
observed "x86-64 add of an argument" locked "$(access "$code")"
code=$(idempotent "aarch64-unknown-linux-gnu,add,0,used")
observed "AArch64 add,0" "ldaddal" "$(grep -o ldaddal <<<"$code")"
observed "x86-64 add,0 on a read-only page" "returned 0" "$(idempotent run 2>&1)"
verdict
