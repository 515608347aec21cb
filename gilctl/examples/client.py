#!/usr/bin/env python3
"""A client of the gild daemon: lists the strategies, creates a small sweep, watches it to its end and
prints what it measured; then runs it again, lists both and compares them.

    python3 client.py unix:///run/user/1000/gild/gild.sock
    python3 client.py http://127.0.0.1:7878

A port asks for a token: GILCTL_TOKEN holds it. No stubs are generated: the daemon describes its
services itself (server reflection).

Requirements: grpcio==1.85.3 grpcio-reflection==1.85.1 protobuf==7.36.2
"""

import collections
import os
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

CALL_SECONDS = 30
FIELDS = "method timeout metadata credentials wait_for_ready compression"


class CallDetails(collections.namedtuple("CallDetails", FIELDS), grpc.ClientCallDetails):
    """What gRPC knows of a call before it is made."""


class Token(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Adds the token to each call, those of reflection included."""

    def __init__(self, token):
        self.header = ("authorization", f"Bearer {token}")

    def with_token(self, continuation, details, request):
        metadata = [*(details.metadata or ()), self.header]
        details = CallDetails(
            details.method,
            details.timeout,
            metadata,
            details.credentials,
            details.wait_for_ready,
            details.compression,
        )
        return continuation(details, request)

    intercept_unary_unary = with_token
    intercept_unary_stream = with_token
    intercept_stream_stream = with_token


class Service:
    """A service of the daemon, with the messages that the daemon says it has."""

    def __init__(self, channel, pool, name):
        self.channel = channel
        self.descriptor = pool.FindServiceByName(name)

    def call(self, method, timeout=CALL_SECONDS, **fields):
        """The answer, or an iterator over the answers of a method that streams them."""
        method = self.descriptor.methods_by_name[method]
        stub = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        request = GetMessageClass(method.input_type)(**fields)
        call = stub(
            f"/{self.descriptor.full_name}/{method.name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        return call(request, timeout=timeout)

    def in_parts(self, method, **fields):
        """The answer of a method that may be larger than a message: its parts, merged."""
        whole = None
        for answer in self.call(f"{method}InParts", request=fields):
            if whole is None:
                whole = answer.part
            else:
                whole.MergeFrom(answer.part)
        return whole

    def pages(self, method, items, **fields):
        """The items of all pages of a list."""
        token = ""
        while True:
            page = self.call(method, page_token=token, **fields)
            yield from getattr(page, items)
            token = page.next_page_token
            if not token:
                return


def connect(address):
    """A channel to `address`, which is written as for `gilctl --server`."""
    if address.startswith("unix:"):
        # Without it gRPC's C core sends the socket's path as :authority, percent-encoded, which is
        # not a valid one: the daemon resets the request, and the call ends with INTERNAL.
        return grpc.insecure_channel(address, options=[("grpc.default_authority", "localhost")])
    return grpc.insecure_channel(address.removeprefix("http://"))


def watch(sweeps, name):
    """Follows a sweep until it ends; its final state by name."""
    turns = 0
    for answer in sweeps.call("WatchSweep", timeout=None, name=name, after_sequence=0):
        event = answer.event
        happening = event.WhichOneof("happening")
        if happening == "turn":
            turns += 1
        elif happening == "ended":
            states = event.ended.DESCRIPTOR.fields_by_name["state"].enum_type
            state = states.values_by_number[event.ended.state].name
            print(f"{state} after {turns} turns")
            return state
    raise SystemExit("the stream ended before the sweep")


def sweep(sweeps):
    """Creates a small sweep and watches it to its end; its name and its final state."""
    spec = {
        "strategies": ["fair-mutex", "atomic", "unlocked"],
        "tasks": [2],
        "increments": [10_000],
        "attempts": 20,
    }
    name = sweeps.call("CreateSweep", spec=spec).sweep.name
    print(f"created {name}")
    return name, watch(sweeps, name)


def compare(sweeps, names):
    """Prints how the cells of two sweeps compare."""
    compared = sweeps.in_parts("CompareSweeps", names=names)
    for pair in compared.cells:
        outcomes = pair.DESCRIPTOR.fields_by_name["outcome"].enum_type
        outcome = outcomes.values_by_number[pair.outcome].name
        print(f"{pair.cell.strategy}: {pair.ratio:.2f} times as fast, {outcome}")
    print(compared.verdict)


def run(channel):
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    lab = Service(channel, pool, "gild.v1.LabService")
    sweeps = Service(channel, pool, "gild.v1.SweepService")

    for strategy in lab.call("ListStrategies").strategies:
        print(f"{strategy.strategy}: {strategy.promise}")

    name, state = sweep(sweeps)
    kept = sweeps.in_parts("GetSweep", name=name)
    for cell, seen in zip(kept.sweep.cells, kept.measurements):
        rates = f"[{seen.increments_per_second_low:.0f}-{seen.increments_per_second_high:.0f}]"
        print(
            f"{cell.strategy}: {seen.correct} of {seen.attempts} right, "
            f"{seen.increments_per_second:.0f} increments/s {rates}"
        )
    print(kept.verdict)

    again, _ = sweep(sweeps)
    listed = [one.name for one in sweeps.pages("ListSweeps", "sweeps", page_size=1)]
    print(f"{len(listed)} sweeps, the newest {listed[0]}")
    compare(sweeps, [name, again])
    return 0 if state == "SWEEP_STATE_SUCCEEDED" else 6


def main(arguments):
    if len(arguments) != 1:
        print("usage: client.py unix:///path/of/gild.sock | http://host:port", file=sys.stderr)
        return 2
    with connect(arguments[0]) as channel:
        token = os.environ.get("GILCTL_TOKEN")
        try:
            return run(grpc.intercept_channel(channel, Token(token)) if token else channel)
        except grpc.RpcError as error:
            print(f"{error.code().name}: {error.details()}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
