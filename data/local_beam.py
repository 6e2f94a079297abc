"""Beam pipelines in this process or in worker processes of this machine."""

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners import PipelineRunner
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.runners.portability.portable_runner import JobServiceHandle
from apache_beam.runners.runner import PipelineResult


class LocalRunner(PipelineRunner):
    """Beam's FnApiRunner, whose worker processes know the pipeline's options.

    It stands in for `DirectRunner`, Beam's default: later versions of that one (2.77 for one) look
    for another runner, Prism, first, and download its program from the internet.
    """

    def run_pipeline(
        self, pipeline: beam.Pipeline, options: PipelineOptions | None
    ) -> PipelineResult:
        """Runs a pipeline to its end.

        Args:
            pipeline: the pipeline.
            options: its options, such as `--direct_running_mode`.

        Returns:
            Its result.
        """
        options = options or PipelineOptions([])
        told = JobServiceHandle.encode_pipeline_options(options.get_all_options())
        provision = beam_provision_api_pb2.ProvisionInfo(pipeline_options=told)
        runner = fn_runner.FnApiRunner(provision_info=fn_runner.ExtendedProvisionInfo(provision))
        return runner.run_pipeline(pipeline, options)


def local_pipeline() -> beam.Pipeline:
    """A Beam pipeline that runs in this process."""
    return beam.Pipeline(runner=LocalRunner())
