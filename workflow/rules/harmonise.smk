"""Harmonise: delivered microdata in, two tables in the words of the codebook out.

Needs     the files that config/countries/{country}.yaml leads to, delivered or synthetic
Leaves    data/harmonised/{country}/children.parquet and caregivers.parquet; neither, if it fails
"""


rule harmonise:
    """Map one country's columns and codes to the codebook."""
    input:
        again_if_stale("harmonise"),
        unpack(delivered),
    output:
        children="data/harmonised/{country}/children.parquet",
        caregivers="data/harmonised/{country}/caregivers.parquet",
    log:
        "logs/harmonise/{country}.log",
    conda:
        "../../environment.yml"
    message:
        "{wildcards.country}: harmonise"
    shell:
        "python -m disrupting_harm harmonise {wildcards.country}"
        " --children {output.children} --caregivers {output.caregivers} 2> {log}"
